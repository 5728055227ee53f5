/* The picture on a device's reference page: a netlist with one analysis, and what of its result is drawn. */
#ifndef PN_DEVICES_PICTURE_H
#define PN_DEVICES_PICTURE_H

#include <stdbool.h>

typedef struct pn_axis {
  const char *label, *unit;
} pn_axis;

typedef struct pn_device_picture {
  const char *title;   /* what the picture shows */
  const char *netlist; /* saves x and y; NULL: there is no picture */
  pn_axis x, y;
  pn_axis by; /* of the outer sweep, whose values make a curve each; label NULL: there is none */
  bool log;   /* y axis */
} pn_device_picture;

#endif
