/* The constant device classes, one line per class, in the order of devices/table.c; compact models need none. */
#ifndef PN_DEVICES_CLASSES_H
#define PN_DEVICES_CLASSES_H

#include "devices/device.h"

extern const pn_device_class pn_class_resistor;
extern const pn_device_class pn_class_capacitor;
extern const pn_device_class pn_class_inductor;
extern const pn_device_class pn_class_mutual;
extern const pn_device_class pn_class_vsource;
extern const pn_device_class pn_class_vsource_r;
extern const pn_device_class pn_class_vsource_l;
extern const pn_device_class pn_class_isource;
extern const pn_device_class pn_class_vcvs;
extern const pn_device_class pn_class_vccs;
extern const pn_device_class pn_class_cccs;
extern const pn_device_class pn_class_ccvs;
extern const pn_device_class pn_class_vswitch;
extern const pn_device_class pn_class_cswitch;
extern const pn_device_class pn_class_diode;
extern const pn_device_class pn_class_bjt;
extern const pn_device_class pn_class_tline;
extern const pn_device_class pn_class_ltra;
extern const pn_device_class pn_class_mos1;
extern const pn_device_class pn_class_mos2;
extern const pn_device_class pn_class_mos3;
extern const pn_device_class pn_class_jfet;
extern const pn_device_class pn_class_mesfet;

/* Of a resistor: the derived parameter that is its conductance, S. */
extern const int pn_resistor_conductance;

/* A parameter whose default is a convention of SPICE, not a published number. */
#define PN_PLAIN(name, unit, value, min, max, flags, doc, alias)                                   \
  {                                                                                                \
    name, unit, value, min, max, flags, doc, "convention", NULL, alias                             \
  }

/* temp= and dtemp= of an instance, two lines of a parameter table. */
#define PN_OWN_TEMPERATURE                                                                         \
  PN_PLAIN("temp", "degC", NAN, -PN_KELVIN, INFINITY, PN_P_INSTANCE | PN_P_OPEN_MIN,               \
           "Temperature of this instance; the circuit's when not given.", NULL),                   \
      PN_PLAIN("dtemp", "K", 0.0, -PN_KELVIN, INFINITY, PN_P_INSTANCE | PN_P_OPEN_MIN,             \
               "Temperature above the circuit's.", NULL)

/* Temperature of an instance, K: its own temp= (degC) or the circuit's, plus dtemp=. */
static inline double pn_device_temp(double own, double rise, double circuit)
{
  return (isnan(own) ? circuit : own + PN_KELVIN) + rise;
}

/* Rows and columns of two terminals among each other. */
#define PN_PAIRS_TWO_TERMINALS                                                                     \
  {0, 0}, {0, 1}, {1, 0},                                                                          \
  {                                                                                                \
    1, 1                                                                                           \
  }

#endif
