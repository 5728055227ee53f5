/* What the reference pages of devices with several terminals show: a netlist each, with one analysis, and
 * which of its signals are drawn. */
#include "api/device_pictures.h"

#include <string.h>

#define OUTPUT(type, letter, card, vg, vd, extra)                                                  \
  "Output curves\nvm d a 0\nvd d 0 0\nvg g 0 0\n" letter "1 a g 0 " extra                          \
  "cell\n.model cell " type " (" card ")\n.dc vd " vd " vg " vg "\n.save v(d) i(vm)\n.end\n"

static const pn_device_picture pictures[] = {
    {.device = "diode",
     .title = "Forward currents at three temperatures",
     .netlist = "Diode\nv1 a 0 0\nd1 a 0 cell\n.model cell d (is=1e-14 n=1.05 rs=0.5 ikf=20m)\n"
                ".dc v1 0.3 1 5m temp -25 75 50\n.save v(a) @d1[i]\n.end\n",
     .x = {"Voltage", "V"},
     .y = {"Current", "A"},
     .by = {"", "degC"},
     .log = true},
    {.device = "bjt",
     .title = "Collector current over collector voltage",
     .netlist = "Output curves\nvm c a 0\nvc c 0 0\nib 0 b 0\nq1 a b 0 cell\n"
                ".model cell npn (bf=120 vaf=60 is=1e-15 rc=5)\n"
                ".dc vc 0 5 20m ib 10u 50u 10u\n.save v(c) i(vm)\n.end\n",
     .x = {"V_CE", "V"},
     .y = {"I_C", "A"},
     .by = {"I_B = ", "A"}},
    {.device = "jfet",
     .title = "Drain current over drain voltage",
     .netlist = OUTPUT("njf", "j", "vto=-2 beta=1m lambda=0.02", "-2 0 0.5", "0 10 50m", ""),
     .x = {"V_DS", "V"},
     .y = {"I_D", "A"},
     .by = {"V_GS = ", "V"}},
    {.device = "mesfet",
     .title = "Drain current over drain voltage",
     .netlist = OUTPUT("nmf", "z", "vto=-1.3 beta=3m alpha=2 lambda=0.03 b=0.3", "-1.2 0 0.3",
                       "0 3 20m", ""),
     .x = {"V_DS", "V"},
     .y = {"I_D", "A"},
     .by = {"V_GS = ", "V"}},
    {.device = "mos1",
     .title = "Drain current over drain voltage",
     .netlist = OUTPUT("nmos", "m", "level=1 vto=0.7 kp=120u lambda=0.03", "1 3 0.5", "0 3.3 20m",
                       "0 "),
     .x = {"V_DS", "V"},
     .y = {"I_D", "A"},
     .by = {"V_GS = ", "V"}},
    {.device = "mos2",
     .title = "Drain current over drain voltage",
     .netlist = OUTPUT("nmos", "m",
                       "level=2 vto=0.8 uo=600 tox=25n nsub=2e16 ucrit=8e4 uexp=0.15 vmax=5e4",
                       "1 5 1", "0 5 25m", "0 "),
     .x = {"V_DS", "V"},
     .y = {"I_D", "A"},
     .by = {"V_GS = ", "V"}},
    {.device = "mos3",
     .title = "Drain current over drain voltage",
     .netlist = OUTPUT("nmos", "m",
                       "level=3 vto=0.8 uo=600 tox=25n nsub=2e16 theta=0.06 eta=0.02 vmax=1.5e5",
                       "1 5 1", "0 5 25m", "0 "),
     .x = {"V_DS", "V"},
     .y = {"I_D", "A"},
     .by = {"V_GS = ", "V"}},
    {.device = "mos2fet",
     .title = "Drain current over gate voltage",
     .netlist = "Transfer curves\nvd d 0 0\nvg g 0 0\nn1 d g 0 cell\n.model cell mos2fet\n"
                ".dc vg -4 10 50m vd 0.1 1.1 0.5\n.save v(g) @n1[id]\n.end\n",
     .x = {"V_GS", "V"},
     .y = {"I_D", "A"},
     .by = {"V_DS = ", "V"},
     .log = true},
    {.device = "fefet",
     .title = "Drain current while the gate goes up and down",
     .netlist =
         "Memory window\nvd d 0 0.05\nvg g 0 pwl(0 -4 1m 4 2m -4 3m 4 4m -4)\nn1 d g 0 cell\n"
         ".model cell fefet\n.options reltol=1e-5\n.tran 2u 4m 2m\n"
         ".save v(g) @n1[id]\n.end\n",
     .x = {"V_GS", "V"},
     .y = {"I_D", "A"},
     .log = true},
    {.device = "ecram",
     .title = "Channel conductance under 20 gate pulses of 2 V, 20 of -2 V, and at rest",
     .netlist = "Pulses\nvd d 0 0.1\nvp p 0 pulse(0 2 1m 10u 10u 2m 5m)\n"
                "bg g 0 v={v(p)*(time<0.1 ? 1 : time<0.2 ? -1 : 0)}\n"
                "n1 d g 0 cell\n.model cell ecram\n"
                ".tran 0.2m 300m\n.save time @n1[gc]\n.end\n",
     .x = {"Time", "s"},
     .y = {"gc", "S"}},
    {.device = "memtransistor",
     .title = "Drain current while the drain goes around, at a gate of 2 V",
     .netlist = "Loop\nvd d 0 sin(0 4 1)\nvg g 0 2\nn1 d g 0 cell\n.model cell memtransistor\n"
                ".tran 2m 3\n.save v(d) @n1[id]\n.end\n",
     .x = {"V_DS", "V"},
     .y = {"I_D", "A"}},
    {.device = "jj",
     .title = "Voltage under a current that steps to 1.2 critical currents",
     .netlist = "Phase slips\nin 0 a pulse(0 120u 5p 1p 1p 1)\nn1 a 0 cell\n"
                ".model cell jj (ic=100u r=4 c=50f)\n.tran 0.05p 60p uic\n.save time v(a)\n.end\n",
     .x = {"Time", "s"},
     .y = {"Voltage", "V"}},
};

const pn_device_picture *pn_device_picture_of(const char *device)
{
  for (size_t k = 0; k < sizeof pictures / sizeof *pictures; k++)
    if (strcmp(pictures[k].device, device) == 0)
      return &pictures[k];
  return NULL;
}
