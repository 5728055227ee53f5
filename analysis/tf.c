/* .tf: the small-signal transfer function at DC from a source to an output, the resistance
 * that the source sees, and the output's own. */
#include "analysis/frequency.h"
#include "analysis/list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct tf_args {
  pn_output out;
  int source;
} tf_args;

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)params, (void)o;
  tf_args *p = PN_NEW(a, tf_args);
  if (!pn_output_read(a, d, ".tf", c, args, 0, &p->out) ||
      (p->source = pn_input_read(a, d, ".tf", c, args, 1)) < 0)
    return NULL;
  if (args->n > 2)
    return pn_error(d, args->at[2].loc, "%s", pn_analysis_tf.help), NULL;
  return p;
}

static double difference(const double *x, int a, int b)
{
  return (a >= 0 ? x[a] : 0.0) - (b >= 0 ? x[b] : 0.0);
}

/* A resistance from a current per volt: infinite where none flows. */
static double inverse(double conductance)
{
  return conductance == 0.0 ? INFINITY : 1.0 / conductance;
}

static void unit(const pn_sim *s, double *x, int plus, int minus)
{
  memset(x, 0, (size_t)pn_sim_n(s) * sizeof *x);
  if (plus >= 0)
    x[plus] += 1.0;
  if (minus >= 0)
    x[minus] -= 1.0;
}

/* Gain, input and output resistance into out [3]; x [n] scratch. */
static pn_status transfer(const pn_run *r, const tf_args *p, double *x, double *out)
{
  pn_drive in = pn_drive_of(r->circuit, p->source);
  pn_status st = pn_sim_factor(r->sim, 1, 0);
  if (st == PN_E_SINGULAR)
    pn_sim_report_singular(r->sim);
  if (st)
    return st;
  unit(r->sim, x, in.plus, in.minus);
  if ((st = pn_sim_solve(r->sim, x)))
    return st;
  out[0] = difference(x, p->out.a, p->out.b);
  /* A voltage source's current flows into its first terminal: what it delivers is the opposite. The
   * voltage across a current source rises where its current enters the circuit. */
  out[1] = in.is_voltage ? inverse(-x[in.plus]) : difference(x, in.plus, in.minus);
  unit(r->sim, x, p->out.a, p->out.b);
  if ((st = pn_sim_solve(r->sim, x)))
    return st;
  double driven = difference(x, p->out.a, p->out.b);
  out[2] = p->out.is_current ? inverse(-driven) : driven;
  return PN_OK;
}

static pn_status write(const pn_run *r, const tf_args *p, const double *y, const double *out)
{
  bool to_voltage = !p->out.is_current;
  bool from_voltage = pn_drive_of(r->circuit, p->source).is_voltage;
  const char *unit_of_gain = to_voltage == from_voltage ? "1" : to_voltage ? "ohm" : "S";
  pn_str name = pn_circuit_device_info(r->circuit, p->source).name;
  pn_column columns[] = {
      {"v(transfer_function)", "notype", unit_of_gain},
      {pn_run_name(r, "v(%.*s#input_impedance)", PN_FMT(name)), "notype", "ohm"},
      {pn_run_name(r, "v(output_impedance_at_%s)", p->out.name), "notype", "ohm"}};
  pn_column scale = {"tf", "notype", ""};
  pn_recorder *rec;
  pn_status st = pn_run_named(columns, 3);
  if (st == PN_OK)
    st = r->begin(r->user, &pn_analysis_tf, "Transfer Function", scale, columns, 3, false, true,
                  &rec);
  if (st)
    return st;
  pn_recorder_extra(rec, out);
  pn_point at = {.sim = r->sim, .y = y};
  st = pn_recorder_point(rec, &at);
  pn_status last = r->end(r->user, rec, st == PN_OK);
  r->found(r->user, "transfer_function", out[0]);
  r->found(r->user, "input_impedance", out[1]);
  r->found(r->user, "output_impedance", out[2]);
  return st ? st : last;
}

static pn_status run_tf(const pn_run *r, void *args)
{
  size_t n = (size_t)pn_sim_n(r->sim) + 1;
  double out[3], *y = calloc(2 * n, sizeof *y);
  pn_status st = y ? pn_op_solve(r, y, false, NULL) : PN_E_MEMORY;
  if (st == PN_OK)
    st = pn_sim_eval(r->sim, PN_SIM_OP, 0, y, true);
  if (st == PN_OK)
    st = transfer(r, args, y + n, out);
  if (st == PN_OK)
    st = write(r, args, y, out);
  free(y);
  return st;
}

const pn_analysis pn_analysis_tf = {
    .name = "tf",
    .help = ".tf V(OUT[,REF])|I(VSOURCE) SOURCE",
    .parse = parse,
    .run = run_tf,
    .delays = true,
    .own_columns = true,
};
