/* The pictures on the reference pages of devices with several terminals. */
#ifndef PN_API_DEVICE_PICTURES_H
#define PN_API_DEVICE_PICTURES_H

#include "api/simulate.h"

typedef struct pn_axis {
  const char *label, *unit;
} pn_axis;

typedef struct pn_device_picture {
  const char *device;  /* the class's name */
  const char *title;   /* what the picture shows */
  const char *netlist; /* saves x and y */
  pn_axis x, y;
  pn_axis by; /* of the outer sweep, whose values make a curve each; label NULL: there is none */
  bool log;   /* y axis */
} pn_device_picture;

/* Of a class; NULL: it has none. */
const pn_device_picture *pn_device_picture_of(const char *device);
/* Writes FOLDER/NAME.cir and FOLDER/NAME.svg. */
pn_status pn_write_device_picture(const pn_device_picture *p, const char *folder,
                                  const pn_listener *l);

#endif
