/* Targets of sweeps: finding them by name, setting them, giving their value back. */
#include "analysis/target.h"

#include <math.h>

/* A device's own value (R, C, L ...) is its first parameter. */
static bool find_device(pn_arena *a, const pn_circuit *c, const pn_arg *arg, pn_str name,
                        pn_target *t)
{
  int device = pn_circuit_device(c, name);
  if (device < 0)
    return false;
  const pn_device_class *cls = pn_circuit_device_info(c, device).cls;
  t->device = device;
  if (cls->letter == 'v' || cls->letter == 'i') {
    t->kind = PN_TARGET_SOURCE;
    t->column = cls->letter == 'v' ? (pn_column){"v(v-sweep)", "voltage", "V"}
                                   : (pn_column){"i(i-sweep)", "current", "A"};
    return true;
  }
  t->kind = PN_TARGET_DEVICE;
  t->index = 0;
  if (arg->ast && arg->ast->kind == PN_AST_AT)
    t->index = pn_param_find(cls->params, cls->n_params, arg->ast->args[0]->name);
  if (t->index < 0 || cls->n_params == 0)
    return false;
  t->column = (pn_column){cls->letter == 'r' ? "res-sweep" : pn_str_lower(a, arg->text).p, "notype",
                          cls->params[t->index].unit};
  return true;
}

bool pn_target_find(pn_arena *a, pn_diag *d, const char *who, const pn_circuit *c,
                    const pn_resolver *params, const pn_arg *arg, pn_target *t)
{
  pn_str name = arg->ast && arg->ast->kind == PN_AST_AT ? arg->ast->name : arg->text;
  double v;
  bool sweeps = false;
  t->loc = arg->loc;
  if (pn_str_is(name, "temp")) {
    t->kind = PN_TARGET_TEMP;
    t->column = (pn_column){"temp-sweep", "temp-sweep", "C"};
    return true;
  }
  if (find_device(a, c, arg, name, t))
    return true;
  if (params->param(params->user, name, arg->loc, &v, &sweeps)) {
    t->kind = PN_TARGET_PARAM;
    t->name = pn_str_lower(a, name);
    t->column = (pn_column){t->name.p, "notype", ""};
    return true;
  }
  pn_error(d, arg->loc, "%s: '%.*s' is no source, device, parameter or 'temp'%s", who, PN_FMT(name),
           pn_did_you_mean(a, pn_circuit_nearest_device(c, name)));
  return false;
}

bool pn_target_check(pn_arena *a, pn_diag *d, const char *who, const pn_circuit *c,
                     const pn_target *t, double value)
{
  const char *why = NULL;
  if (t->kind == PN_TARGET_DEVICE)
    why = pn_param_check_change(a, &pn_circuit_device_info(c, t->device).cls->params[t->index],
                                value);
  else if (t->kind == PN_TARGET_TEMP && !(value > -273.15))
    why = pn_arena_printf(a, "%g degrees C is not above absolute zero", value);
  if (why)
    pn_error(d, t->loc, "%s: %s", who, why);
  return !why;
}

bool pn_target_same(const pn_target *a, const pn_target *b)
{
  if (a->kind != b->kind)
    return false;
  if (a->kind == PN_TARGET_PARAM)
    return pn_str_eq(a->name, b->name);
  if (a->kind == PN_TARGET_SOURCE || a->kind == PN_TARGET_DEVICE)
    return a->device == b->device && a->index == b->index;
  return true;
}

pn_status pn_target_set(const pn_run *r, const pn_target *t, double value)
{
  switch (t->kind) {
  case PN_TARGET_SOURCE:
    pn_sim_set_source(r->sim, t->device, value);
    return PN_OK;
  case PN_TARGET_DEVICE:
    return pn_sim_set_param(r->sim, t->device, t->index, value);
  case PN_TARGET_TEMP:
    pn_sim_set_temp(r->sim, value + 273.15);
    return PN_OK;
  case PN_TARGET_PARAM:
    return r->set_param(r->set_param_user, t->name, value);
  case PN_TARGET_SCALE:
    pn_sim_set_homotopy(r->sim, value, 0);
    return PN_OK;
  case PN_TARGET_GMIN:
    pn_sim_set_homotopy(r->sim, 1, value);
    return PN_OK;
  }
  return PN_E_INTERNAL;
}

double pn_target_get(const pn_run *r, const pn_target *t)
{
  double value = NAN;
  bool sweeps = false;
  switch (t->kind) {
  case PN_TARGET_SOURCE:
    break;
  case PN_TARGET_DEVICE:
    return pn_sim_get_param(r->sim, t->device, t->index);
  case PN_TARGET_TEMP:
    return pn_sim_temp(r->sim) - 273.15;
  case PN_TARGET_PARAM:
    r->params->param(r->params->user, t->name, t->loc, &value, &sweeps);
    break;
  case PN_TARGET_SCALE:
    return 1;
  case PN_TARGET_GMIN:
    return 0;
  }
  return value;
}

void pn_target_restore(const pn_run *r, const pn_target *t, double before)
{
  if (t->kind == PN_TARGET_SOURCE || !isnan(before))
    pn_target_set(r, t, before);
}
