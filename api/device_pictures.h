/* The pictures on the reference pages of devices with several terminals. */
#ifndef PN_API_DEVICE_PICTURES_H
#define PN_API_DEVICE_PICTURES_H

#include "api/simulate.h"
#include "devices/picture.h"

/* Of a class; NULL: it has none. */
const pn_device_picture *pn_device_picture_of(const pn_device_class *c);
/* Draws it into a file (.png, .svg, .pdf); name: the device's. */
pn_status pn_draw_device_picture(const char *name, const pn_device_picture *p, const char *file,
                                 const pn_listener *l);
/* Writes FOLDER/NAME.cir and FOLDER/NAME.svg. */
pn_status pn_write_device_picture(const char *name, const pn_device_picture *p, const char *folder,
                                  const pn_listener *l);

#endif
