/* What the reference pages of semiconductors show: a netlist each, with one analysis, and which of its
 * signals are drawn. Compact models bring theirs along. */
#include "api/device_pictures.h"
#include "devices/compact.h"

#include <string.h>

#define OUTPUT(type, letter, card, vg, vd, extra)                                                  \
  "Output curves\nvm d a 0\nvd d 0 0\nvg g 0 0\n" letter "1 a g 0 " extra                          \
  "cell\n.model cell " type " (" card ")\n.dc vd " vd " vg " vg "\n.save v(d) i(vm)\n.end\n"

static const struct {
  const char *device;
  pn_device_picture picture;
} pictures[] = {
    {"diode",
     {.title = "Forward currents at three temperatures",
      .netlist = "Diode\nv1 a 0 0\nd1 a 0 cell\n.model cell d (is=1e-14 n=1.05 rs=0.5 ikf=20m)\n"
                 ".dc v1 0.3 1 5m temp -25 75 50\n.save v(a) @d1[i]\n.end\n",
      .x = {"Voltage", "V"},
      .y = {"Current", "A"},
      .by = {"", "degC"},
      .log = true}},
    {"bjt",
     {.title = "Collector current over collector voltage",
      .netlist = "Output curves\nvm c a 0\nvc c 0 0\nib 0 b 0\nq1 a b 0 cell\n"
                 ".model cell npn (bf=120 vaf=60 is=1e-15 rc=5)\n"
                 ".dc vc 0 5 20m ib 10u 50u 10u\n.save v(c) i(vm)\n.end\n",
      .x = {"V_CE", "V"},
      .y = {"I_C", "A"},
      .by = {"I_B = ", "A"}}},
    {"jfet",
     {.title = "Drain current over drain voltage",
      .netlist = OUTPUT("njf", "j", "vto=-2 beta=1m lambda=0.02", "-2 0 0.5", "0 10 50m", ""),
      .x = {"V_DS", "V"},
      .y = {"I_D", "A"},
      .by = {"V_GS = ", "V"}}},
    {"mesfet",
     {.title = "Drain current over drain voltage",
      .netlist = OUTPUT("nmf", "z", "vto=-1.3 beta=3m alpha=2 lambda=0.03 b=0.3", "-1.2 0 0.3",
                        "0 3 20m", ""),
      .x = {"V_DS", "V"},
      .y = {"I_D", "A"},
      .by = {"V_GS = ", "V"}}},
    {"mos1",
     {.title = "Drain current over drain voltage",
      .netlist = OUTPUT("nmos", "m", "level=1 vto=0.7 kp=120u lambda=0.03", "1 3 0.5", "0 3.3 20m",
                        "0 "),
      .x = {"V_DS", "V"},
      .y = {"I_D", "A"},
      .by = {"V_GS = ", "V"}}},
    {"mos2",
     {.title = "Drain current over drain voltage",
      .netlist = OUTPUT("nmos", "m",
                        "level=2 vto=0.8 uo=600 tox=25n nsub=2e16 ucrit=8e4 uexp=0.15 vmax=5e4",
                        "1 5 1", "0 5 25m", "0 "),
      .x = {"V_DS", "V"},
      .y = {"I_D", "A"},
      .by = {"V_GS = ", "V"}}},
    {"mos3",
     {.title = "Drain current over drain voltage",
      .netlist = OUTPUT("nmos", "m",
                        "level=3 vto=0.8 uo=600 tox=25n nsub=2e16 theta=0.06 eta=0.02 vmax=1.5e5",
                        "1 5 1", "0 5 25m", "0 "),
      .x = {"V_DS", "V"},
      .y = {"I_D", "A"},
      .by = {"V_GS = ", "V"}}},
};

const pn_device_picture *pn_device_picture_of(const pn_device_class *c)
{
  const pn_compact *compact = pn_compact_of(c);
  if (compact)
    return compact->picture.netlist ? &compact->picture : NULL;
  for (size_t k = 0; k < sizeof pictures / sizeof *pictures; k++)
    if (strcmp(pictures[k].device, c->name) == 0)
      return &pictures[k].picture;
  return NULL;
}
