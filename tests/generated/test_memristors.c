/* The tests every memristor model in pn_memristors[] must pass; a new model is tested here by
 * standing in that table. What every model must fulfil. */
#include "generated/memristor_point.h"

#include <check.h>
#include <ctype.h>
#include <stdio.h>

static bool all_finite(const point *o, int n)
{
  bool ok = isfinite(o->i) && isfinite(o->i_v);
  for (int r = 0; r < n; r++) {
    ok = ok && isfinite(o->i_x[r]) && isfinite(o->g[r]) && isfinite(o->g_v[r]);
    for (int c = 0; c < n; c++)
      ok = ok && isfinite(o->g_x[r][c]);
  }
  return ok;
}

/* Runs a claim on the model's defaults and on each of its named sets. */
static void every_variant(int model, void (*claim)(const instance *d, const char *name))
{
  const pn_memristor *m = pn_memristors[model];
  for (int k = 0; k <= m->n_sets; k++) {
    instance d = make_variant(m, k);
    char name[64];
    snprintf(name, sizeof name, "%s (%s)", m->name, variant_name(m, k));
    claim(&d, name);
  }
}

static void finite_everywhere(const instance *d, const char *name)
{
  int n = d->m->n_states;
  double x[MAX_STATES], volts[] = {0.0, 1e-300, -1e-300, 1e-9, -1e-9, d->m->v_max, -d->m->v_max};
  for (int corner = 0; corner < 1 << n; corner++)
    for (int k = 0; k < PN_COUNT(volts); k++) {
      for (int s = 0; s < n; s++) {
        const pn_mem_state *st = &d->m->states[s];
        bool high = corner >> s & 1;
        x[s] = high ? (st->p_max >= 0 ? d->p[st->p_max] : state_high(d, s))
                    : (st->p_min >= 0 ? d->p[st->p_min] : state_low(d, s));
      }
      point o = evaluate(d, volts[k], x);
      ck_assert_msg(all_finite(&o, n), "%s: not finite at v=%g V, x=%g", name, volts[k], x[0]);
    }
  uint64_t seed = 1;
  for (int k = 0; k < 20000; k++) {
    double v = random_point(d, &seed, x);
    point o = evaluate(d, v, x);
    if (!all_finite(&o, n))
      ck_abort_msg("%s: not finite at v=%g V, x=%g", name, v, x[0]);
  }
}

START_TEST(outputs_are_finite_at_zero_volts_at_the_bounds_and_up_to_v_max)
{
  every_variant(_i, finite_everywhere);
}
END_TEST

/* A block of different points against each of them alone, bit by bit. */
static void same_in_every_lane(const instance *d, const char *name)
{
  uint64_t seed = 9;
  for (int k = 0; k < 300; k++) {
    double v[PN_LANES], x[PN_LANES][MAX_STATES];
    point o[PN_LANES];
    int lanes = 1 + k % PN_LANES;
    for (int l = 0; l < PN_LANES; l++)
      v[l] = random_point(d, &seed, x[l]);
    evaluate_lanes(d, lanes, v, (const void *)x, o);
    for (int l = 0; l < lanes; l++) {
      point alone = evaluate(d, v[l], x[l]);
      ck_assert_msg(memcmp(&alone, &o[l], sizeof alone) == 0,
                    "%s: lane %d of %d differs at v=%.17g V, x=%.17g", name, l, lanes, v[l],
                    x[l][0]);
    }
  }
}

START_TEST(a_result_does_not_depend_on_its_place_in_a_batch)
{
  every_variant(_i, same_in_every_lane);
}
END_TEST

static void no_current_at_zero(const instance *d, const char *name)
{
  uint64_t seed = 2;
  for (int k = 0; k < 1000; k++) {
    double x[MAX_STATES];
    random_point(d, &seed, x);
    double limit = settle(d, 0.0, x) ? 1e-18 : 0.0;
    double i = evaluate(d, 0.0, x).i;
    ck_assert_msg(fabs(i) <= limit, "%s: i(x, 0) = %g A at x=%g", name, i, x[0]);
  }
}

START_TEST(a_memristor_without_voltage_carries_no_current)
{
  every_variant(_i, no_current_at_zero);
}
END_TEST

static void passive_everywhere(const instance *d, const char *name)
{
  uint64_t seed = 3;
  int trials = 100000, unsolved = 0;
  for (int k = 0; k < trials; k++) {
    double x[MAX_STATES], v = random_point(d, &seed, x);
    int inner = settle(d, v, x);
    if (inner)
      trials = 2000; /* each one solved by Newton's method */
    unsolved += inner < 0;
    if (inner < 0)
      continue;
    double power = evaluate(d, v, x).i * v;
    if (!(power >= 0.0))
      ck_abort_msg("%s: i v = %g W at v=%g V, x=%g", name, power, v, x[0]);
  }
  ck_assert_msg(unsolved * 100 <= trials, "%s: inner unknowns unsolved at %d of %d points", name,
                unsolved, trials);
}

START_TEST(a_passive_model_never_delivers_power)
{
  if (pn_memristors[_i]->passive)
    every_variant(_i, passive_everywhere);
}
END_TEST

/* ---- derivatives ---- */

/* Outputs as a vector, i first, then g; derivatives with respect to unknown j: v, then x. */
static double output(const point *o, int row)
{
  return row == 0 ? o->i : o->g[row - 1];
}

static double derivative(const point *o, int row, int j)
{
  if (row == 0)
    return j == 0 ? o->i_v : o->i_x[j - 1];
  return j == 0 ? o->g_v[row - 1] : o->g_x[row - 1][j - 1];
}

/* Central differences of all outputs for unknown j and step h. */
static void differences(const instance *d, double v, const double *x, int j, double h, double *out)
{
  double xa[MAX_STATES], xb[MAX_STATES];
  memcpy(xa, x, sizeof xa);
  memcpy(xb, x, sizeof xb);
  if (j > 0) {
    xa[j - 1] -= h;
    xb[j - 1] += h;
  }
  point a = evaluate(d, j == 0 ? v - h : v, xa), b = evaluate(d, j == 0 ? v + h : v, xb);
  for (int row = 0; row <= d->m->n_states; row++)
    out[row] = (output(&b, row) - output(&a, row)) / (2.0 * h);
}

static bool near_kink(const instance *d, double v, double h)
{
  for (int k = 0; k < d->m->n_kinks; k++)
    if (fabs(v - d->m->kinks[k]) <= h)
      return true;
  return false;
}

/* How much an output changes when unknown j changes by a few ulp: rounding, amplified inside. */
static double jitter(const instance *d, double v, const double *x, int j, int row)
{
  double least = INFINITY, most = -INFINITY;
  for (int k = -3; k <= 3; k++) {
    double xs[MAX_STATES], factor = 1.0 + k * 2.3e-16;
    memcpy(xs, x, sizeof xs);
    if (j > 0)
      xs[j - 1] *= factor;
    point o = evaluate(d, j == 0 ? v * factor : v, xs);
    least = fmin(least, output(&o, row));
    most = fmax(most, output(&o, row));
  }
  return most - least;
}

static int by_size(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Median of an output's absolute value over random points. */
static double typical(const instance *d, int row)
{
  enum { POINTS = 201 };
  double all[POINTS];
  uint64_t seed = 8;
  for (int k = 0; k < POINTS; k++) {
    double x[MAX_STATES], v = random_point(d, &seed, x);
    point o = evaluate(d, v, x);
    all[k] = fabs(output(&o, row));
  }
  qsort(all, POINTS, sizeof *all, by_size);
  return all[POINTS / 2];
}

/* Derivative by differences, extrapolated twice; steps shrink until two extrapolations agree. *blur is
 * the slope that rounding hides. Returns false where they never agree (a kink, or only noise). */
static bool extrapolate(const instance *d, double v, const double *x, int j, double h, int row,
                        double size, double *result, double *blur)
{
  double noise = 10.0 * jitter(d, v, x, j, row) + 1e-25 * size;
  point here = evaluate(d, v, x);
  double scale = fabs(output(&here, row));
  for (int attempt = 0; attempt < 10; attempt++, h *= 0.25) {
    double d1[1 + MAX_STATES], d2[1 + MAX_STATES], d4[1 + MAX_STATES];
    differences(d, v, x, j, h, d1);
    differences(d, v, x, j, 0.5 * h, d2);
    differences(d, v, x, j, 0.25 * h, d4);
    double r1 = (4.0 * d2[row] - d1[row]) / 3.0, r2 = (4.0 * d4[row] - d2[row]) / 3.0;
    *blur = (4e-13 * scale + noise) / h + 1e-100; /* below: the floor of pn_lim_exp */
    *result = r2;
    if (fabs(r1 - r2) <= 1e-7 * fabs(r2) && *blur <= 1e-7 * fabs(r2))
      return true;
    if (r1 == 0.0 && r2 == 0.0)
      return true;
  }
  return false;
}

static void check_derivatives(const instance *given, const char *name)
{
  instance own = *given, *d = &own;
  uint64_t seed = 4;
  int n = d->m->n_states, tried = 0, compared = 0;
  double size[1 + MAX_STATES];
  for (int row = 0; row <= n; row++)
    size[row] = typical(d, row);
  for (int k = 0; k < 400; k++) {
    wander(d, &seed);
    double x[MAX_STATES], v = random_point(d, &seed, x);
    point o = evaluate(d, v, x);
    for (int j = 0; j <= n; j++) {
      double span = j == 0 ? d->m->v_max : state_high(d, j - 1) - state_low(d, j - 1);
      double h = 1e-3 * span;
      if (j == 0)
        h = fmin(h, 0.1 * fabs(v));
      else
        h = fmin(h, 0.1 * fmin(x[j - 1] - state_low(d, j - 1), state_high(d, j - 1) - x[j - 1]));
      if (!(h > 1e-9 * span) || (j == 0 && near_kink(d, v, h)))
        continue;
      for (int row = 0; row <= n; row++) {
        double want, blur, have = derivative(&o, row, j);
        tried++;
        if (!extrapolate(d, v, x, j, h, row, size[row], &want, &blur))
          continue;
        compared++;
        ck_assert_msg(fabs(have - want) <= 1e-6 * fabs(want) + blur,
                      "%s: d%s/d%s = %.10g, differences give %.10g at v=%.10g V, x=%.10g, %.10g",
                      name, row ? d->m->states[row - 1].name : "i",
                      j ? d->m->states[j - 1].name : "v", have, want, v, x[0], n > 1 ? x[1] : 0.0);
      }
    }
  }
  ck_assert_msg(compared * 2 > tried, "%s: only %d of %d derivatives could be compared", name,
                compared, tried);
}

START_TEST(derivatives_agree_with_finite_differences)
{
  every_variant(_i, check_derivatives);
}
END_TEST

/* Integer parameters choose laws and windows: each choice has derivatives of its own. */
START_TEST(derivatives_agree_for_every_choice_of_a_switch)
{
  instance d = make_instance(pn_memristors[_i]);
  for (int k = 0; k < d.m->n_params; k++) {
    const pn_param *p = &d.m->params[k];
    if (!(p->flags & PN_P_INTEGER) || !isfinite(p->max) || !isfinite(p->min))
      continue;
    for (double choice = p->min; choice <= p->max; choice += 1.0) {
      d.p[k] = choice;
      rederive(&d);
      check_derivatives(&d, p->name);
    }
    d.p[k] = p->value;
    rederive(&d);
  }
}
END_TEST

/* ---- tables ---- */

static bool filled(const char *s)
{
  return s && *s;
}

/* Whether a name stands as a word of its own in a text, case folded. */
static bool names(const char *text, const char *name)
{
  size_t n = strlen(name);
  for (const char *p = text; *p; p++) {
    bool starts = p == text || !(isalnum((unsigned char)p[-1]) || p[-1] == '_');
    bool ends = strlen(p) >= n && !(isalnum((unsigned char)p[n]) || p[n] == '_');
    if (starts && ends && pn_str_ieq((pn_str){p, n}, (pn_str){name, n}))
      return true;
  }
  return false;
}

static bool is_state_param(const pn_memristor *m, int k)
{
  for (int s = 0; s < m->n_states; s++) {
    const pn_mem_state *st = &m->states[s];
    if (k == st->p_init || k == st->p_min || k == st->p_max ||
        (k > 0 && (k == st->p_valid_min || k == st->p_valid_max)))
      return true;
  }
  return false;
}

START_TEST(every_field_of_the_table_is_filled_in)
{
  const pn_memristor *m = pn_memristors[_i];
  ck_assert_msg(filled(m->name) && filled(m->title) && filled(m->equations) && filled(m->citation),
                "model %d: name, title, equations or citation is missing", _i);
  ck_assert_msg(m->v_max > 0.0 && m->n_states > 0, "%s: v_max or states are missing", m->name);
  ck_assert_ptr_eq(pn_memristor_find(pn_str_of(m->name)), m);
  for (int k = 0; k < m->n_states; k++)
    ck_assert_msg(filled(m->states[k].name) && filled(m->states[k].unit) &&
                      filled(m->states[k].doc) && m->states[k].p_init >= 0,
                  "%s: state %d is described incompletely", m->name, k);
  for (int k = 0; k < m->n_params; k++) {
    const pn_param *p = &m->params[k];
    ck_assert_msg(filled(p->name) && filled(p->unit) && filled(p->source), "%s: parameter %d (%s)",
                  m->name, k, p->name);
    ck_assert_msg(filled(p->doc) && p->doc[strlen(p->doc) - 1] == '.',
                  "%s: %s is not described by a sentence", m->name, p->name);
    ck_assert_msg(p->grade || strcmp(p->source, "convention") == 0,
                  "%s: %s has a source but no grade", m->name, p->name);
    ck_assert_int_eq(pn_param_find(m->params, m->n_params, pn_str_of(p->name)), k);
    ck_assert_msg((p->flags & PN_P_BOTH) == PN_P_BOTH, "%s: %s is not for instances", m->name,
                  p->name);
    pn_arena a;
    pn_arena_init(&a, 0);
    const char *why = pn_param_check(&a, p, p->value);
    ck_assert_msg(!why, "%s: default of %s: %s", m->name, p->name, why);
    pn_arena_free(&a);
    if (!is_state_param(m, k))
      ck_assert_msg(names(m->equations, p->name), "%s: %s does not appear in the equations",
                    m->name, p->name);
  }
}
END_TEST

static bool differs(const point *a, const point *b)
{
  return memcmp(a, b, sizeof *a) != 0;
}

/* Another allowed value of a parameter. */
static double changed(const pn_param *p, double value, double u)
{
  if (p->flags & PN_P_INTEGER) {
    double max = isfinite(p->max) ? p->max : value + 1.0;
    double other = value + 1.0 <= max ? value + 1.0 : p->min;
    return other;
  }
  double other = value != 0.0 ? value * (1.0 + 0.1 * u) : 1e-3 * (0.1 + u);
  if (other > p->max || other < p->min)
    other = value * (1.0 - 0.1 * u);
  return other;
}

START_TEST(every_parameter_changes_something)
{
  instance base = make_instance(pn_memristors[_i]);
  const pn_memristor *m = base.m;
  for (int k = 0; k < m->n_params; k++) {
    bool seen = is_state_param(m, k);
    uint64_t seed = 6;
    for (int trial = 0; trial < 3000 && !seen; trial++) {
      instance a = base;
      for (int j = 0; j < m->n_params;
           j++) { /* every law and window gets its turn, and what is off */
        const pn_param *p = &m->params[j];
        if (p->flags & PN_P_INTEGER && isfinite(p->max) && isfinite(p->min))
          a.p[j] = p->min + floor(random01(&seed) * (p->max - p->min + 1.0));
        else if (p->value == 0.0 && !is_state_param(m, j) && trial % 2)
          a.p[j] = fmin(fmax(2.0 * random01(&seed) - 1.0, p->min), p->max);
      }
      rederive(&a);
      wander(&a, &seed);
      instance b = a;
      b.p[k] = changed(&m->params[k], a.p[k], random01(&seed));
      retune(&b);
      double x[MAX_STATES], v = random_point(&a, &seed, x);
      point oa = evaluate(&a, v, x), ob = evaluate(&b, v, x);
      seen = differs(&oa, &ob);
      rederive(&a);
      rederive(&b);
      seen = seen || memcmp(a.h, b.h, sizeof a.h) != 0; /* or the memory it starts with */
    }
    ck_assert_msg(seen, "%s: parameter %s changes nothing", m->name, m->params[k].name);
  }
}
END_TEST

/* ---- as a device class ---- */

START_TEST(the_device_class_offers_the_model_to_circuits)
{
  pn_arena a;
  pn_arena_init(&a, 0);
  const pn_memristor *m = pn_memristors[_i];
  const pn_device_class *c = pn_memristor_class(&a, m);
  instance d = make_instance(m);
  ck_assert_int_eq(c->n_locals, 2 + m->n_states);
  ck_assert_int_eq(c->letter, 'n');
  ck_assert_ptr_eq(c->mem, m);
  const char *why = c->check(c, &a, d.p);
  ck_assert_msg(!why, "%s: default parameters are refused: %s", m->name, why);
  for (int k = 0; k < m->n_states; k++) {
    double range = state_high(&d, k) - state_low(&d, k), atol = c->locals[2 + k].atol;
    ck_assert_msg(atol > 0.0 && atol <= 1e-5 * range, "%s: tolerance %g of %s", m->name, atol,
                  m->states[k].name);
  }
  pn_arena_free(&a);
}
END_TEST

START_TEST(named_sets_are_complete_and_allowed)
{
  pn_arena a;
  pn_arena_init(&a, 0);
  const pn_memristor *m = pn_memristors[_i];
  const pn_device_class *c = pn_memristor_class(&a, m);
  for (int k = 0; k < m->n_sets; k++) {
    const pn_mem_set *s = &m->sets[k];
    ck_assert_msg(filled(s->name) && filled(s->doc) && filled(s->source) && filled(s->grade) &&
                      s->n_values > 0,
                  "%s: set %d is described incompletely", m->name, k);
    ck_assert_ptr_eq(pn_mem_set_find(m, pn_str_of(s->name)), s);
    instance d = make_variant(m, k + 1);
    for (int j = 0; j < m->n_params; j++) {
      const char *why = pn_param_check(&a, &m->params[j], d.p[j]);
      ck_assert_msg(!why, "%s, set %s: %s", m->name, s->name, why);
    }
    const char *why = c->check(c, &a, d.p);
    ck_assert_msg(!why, "%s, set %s: %s", m->name, s->name, why);
  }
  ck_assert_ptr_null(pn_mem_set_find(m, PN_STR("no such set")));
  pn_arena_free(&a);
}
END_TEST

START_TEST(an_initial_state_outside_its_bounds_is_refused_by_name)
{
  pn_arena a;
  pn_arena_init(&a, 0);
  const pn_memristor *m = pn_memristors[_i];
  const pn_device_class *c = pn_memristor_class(&a, m);
  instance d = make_instance(m);
  const pn_mem_state *s = &m->states[0];
  if (s->p_max >= 0) {
    d.p[s->p_init] = d.p[s->p_max] + 1.0;
    const char *why = c->check(c, &a, d.p);
    ck_assert_ptr_nonnull(why);
    ck_assert_ptr_nonnull(strstr(why, m->params[s->p_init].name));
  }
  pn_arena_free(&a);
}
END_TEST

int main(void)
{
  int n = 0;
  while (pn_memristors[n])
    n++;
  Suite *suite = suite_create("memristors");
  TCase *tc = tcase_create("every model");
  tcase_set_timeout(tc, 120);
  tcase_add_loop_test(tc, every_field_of_the_table_is_filled_in, 0, n);
  tcase_add_loop_test(tc, outputs_are_finite_at_zero_volts_at_the_bounds_and_up_to_v_max, 0, n);
  tcase_add_loop_test(tc, a_result_does_not_depend_on_its_place_in_a_batch, 0, n);
  tcase_add_loop_test(tc, a_memristor_without_voltage_carries_no_current, 0, n);
  tcase_add_loop_test(tc, a_passive_model_never_delivers_power, 0, n);
  tcase_add_loop_test(tc, derivatives_agree_with_finite_differences, 0, n);
  tcase_add_loop_test(tc, derivatives_agree_for_every_choice_of_a_switch, 0, n);
  tcase_add_loop_test(tc, every_parameter_changes_something, 0, n);
  tcase_add_loop_test(tc, the_device_class_offers_the_model_to_circuits, 0, n);
  tcase_add_loop_test(tc, named_sets_are_complete_and_allowed, 0, n);
  tcase_add_loop_test(tc, an_initial_state_outside_its_bounds_is_refused_by_name, 0, n);
  suite_add_tcase(suite, tc);
  SRunner *sr = srunner_create(suite);
  srunner_run_all(sr, CK_NORMAL);
  int failed = srunner_ntests_failed(sr);
  srunner_free(sr);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
