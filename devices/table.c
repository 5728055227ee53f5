/* The table of built-in device classes. Compact models are the files of devices/compact, of which the build writes
 * the list (tools/cmake/tables.cmake); memristors have a table of their own (memristor_table.c). */
#include "devices/classes.h"

#define PN_ENTRY(name) extern const pn_device_class pn_class_##name;
#include "devices/compacts.inc"
#undef PN_ENTRY

/* clang-format off */
#define PN_ENTRY(name) &pn_class_##name,
const pn_device_class *const pn_device_classes[] = {
    &pn_class_resistor,
    &pn_class_capacitor,
    &pn_class_inductor,
    &pn_class_mutual,
    &pn_class_vsource,
    &pn_class_vsource_r,
    &pn_class_vsource_l,
    &pn_class_isource,
    &pn_class_vcvs,
    &pn_class_vccs,
    &pn_class_cccs,
    &pn_class_ccvs,
    &pn_class_vswitch,
    &pn_class_cswitch,
#include "devices/compacts.inc"
    &pn_class_diode,
    &pn_class_bjt,
    &pn_class_mos1,
    &pn_class_mos2,
    &pn_class_mos3,
    &pn_class_jfet,
    &pn_class_mesfet,
    &pn_class_tline,
    &pn_class_ltra,
    NULL,
};
#undef PN_ENTRY
/* clang-format on */
