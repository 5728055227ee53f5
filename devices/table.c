/* The table of built-in device classes; memristors have their own (memristors/table.c). */
#include "devices/classes.h"

const pn_device_class *const pn_device_classes[] = {
    &pn_class_resistor, &pn_class_capacitor,     &pn_class_inductor,  &pn_class_mutual,
    &pn_class_vsource,  &pn_class_vsource_r,     &pn_class_vsource_l, &pn_class_isource,
    &pn_class_vcvs,     &pn_class_vccs,          &pn_class_cccs,      &pn_class_ccvs,
    &pn_class_vswitch,  &pn_class_cswitch,       &pn_class_mos2fet,   &pn_class_fefet,
    &pn_class_ecram,    &pn_class_memtransistor, &pn_class_jj,        &pn_class_diode,
    &pn_class_bjt,      &pn_class_mos1,          &pn_class_mos2,      &pn_class_mos3,
    &pn_class_jfet,     &pn_class_mesfet,        &pn_class_tline,     NULL,
};
