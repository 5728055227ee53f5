/* Reads the words of a .measure directive. */
#include "output/measure_core.h"

#include <math.h>

typedef struct reader {
  pn_arena *arena;
  pn_diag *diag;
  const pn_args *args;
  int at; /* index of the next argument */
  pn_measure *m;
  bool failed;
} reader;

static const pn_arg *peek(const reader *r)
{
  return r->at < r->args->n ? &r->args->at[r->at] : NULL;
}

static pn_loc here(const reader *r)
{
  const pn_arg *a = peek(r);
  return a ? a->loc : r->args->loc;
}

static bool is_word(const pn_arg *a, const char *word)
{
  return a && a->key.n == 0 && pn_str_is(a->text, word);
}

static bool take_word(reader *r, const char *word)
{
  bool found = is_word(peek(r), word);
  r->at += found;
  return found;
}

static void fail(reader *r, pn_loc loc, const char *what)
{
  if (!r->failed)
    pn_error(r->diag, loc, ".measure: %s", what);
  r->failed = true;
}

/* Index of a new signal in the measurement: no form has more than PN_MEASURE_SIGNALS. */
static int add_signal(reader *r, const pn_ast *e)
{
  pn_measure *m = r->m;
  m->ast[m->n_signals] = e;
  return m->n_signals++;
}

static int take_signal(reader *r)
{
  const pn_arg *a = peek(r);
  if (!a || a->key.n != 0 || !a->ast) {
    fail(r, here(r), "a signal such as v(out) is expected here");
    return -1;
  }
  r->at++;
  return add_signal(r, a->ast);
}

static double number_of(reader *r, const pn_arg *a)
{
  if (!a->is_num)
    fail(r, a->loc, "a number is expected here");
  return a->is_num ? a->num : NAN;
}

static void set_edge(reader *r, pn_event *e, pn_edge edge, const pn_arg *a)
{
  e->edge = edge;
  if (pn_str_is(a->text, "last")) {
    e->nth = PN_LAST_CROSSING;
    return;
  }
  double n = number_of(r, a);
  if (!r->failed && !(n >= 1 && n <= 1e9 && n == floor(n)))
    fail(r, a->loc, "a whole number from 1, or LAST, is expected here");
  e->nth = r->failed ? 1 : (int)n;
}

/* One key=value of an event; false when the key is none of an event's. */
static bool event_key(reader *r, pn_event *e, const pn_arg *a)
{
  if (pn_str_is(a->key, "rise"))
    set_edge(r, e, PN_EDGE_RISE, a);
  else if (pn_str_is(a->key, "fall"))
    set_edge(r, e, PN_EDGE_FALL, a);
  else if (pn_str_is(a->key, "cross"))
    set_edge(r, e, PN_EDGE_ANY, a);
  else if (pn_str_is(a->key, "td"))
    e->delay = number_of(r, a);
  else
    return false;
  return true;
}

static bool window_key(reader *r, const pn_arg *a)
{
  pn_measure *m = r->m;
  if (pn_str_is(a->key, "from"))
    m->from = number_of(r, a);
  else if (pn_str_is(a->key, "to"))
    m->to = number_of(r, a);
  else
    return false;
  m->is_windowed = true;
  return true;
}

static void unknown_key(reader *r, const pn_arg *a)
{
  if (!r->failed && a->key.n > 0)
    pn_error_hint(r->diag, a->loc, "known here: rise= fall= cross= td= from= to= at= val=",
                  ".measure: unknown word '%.*s'", PN_FMT(a->key));
  else if (!r->failed)
    pn_error(r->diag, a->loc, ".measure: unexpected '%.*s'", PN_FMT(a->text));
  r->failed = true;
}

static pn_event new_event(void)
{
  return (pn_event){.used = true, .left = -1, .right = -1, .nth = 1, .delay = -INFINITY, .x = NAN};
}

/* "at=1n", or "v(out) val=0.5 rise=1 td=2n" (TRIG and TARG). */
static void read_trigger(reader *r, pn_event *e)
{
  bool has_level = false;
  *e = new_event();
  const pn_arg *a = peek(r);
  if (a && a->key.n == 0)
    e->left = take_signal(r);
  while (!r->failed && (a = peek(r)) && a->key.n > 0) {
    if (pn_str_is(a->key, "val") || pn_str_is(a->key, "=")) {
      e->level = number_of(r, a);
      has_level = true;
    } else if (pn_str_is(a->key, "at")) {
      e->is_at = true;
      e->at = number_of(r, a);
    } else if (!event_key(r, e, a)) {
      unknown_key(r, a);
    }
    r->at++;
  }
  if (!r->failed && !e->is_at && (e->left < 0 || !has_level))
    fail(r, here(r), "TRIG and TARG need a signal and val=, or at=");
}

/* "v(a)=0.3" or "v(a)=v(b)" behind WHEN. */
static void read_condition(reader *r, pn_event *e)
{
  *e = new_event();
  const pn_arg *a = peek(r);
  bool bare = a && a->key.n > 0;
  if (bare) { /* gain=-3: the name of a vector of a control section */
    pn_ast *name = PN_NEW(r->arena, pn_ast);
    *name = (pn_ast){.kind = PN_AST_NAME, .name = a->key, .loc = a->loc};
    e->left = add_signal(r, name);
  } else {
    e->left = take_signal(r);
    a = peek(r);
  }
  if (r->failed)
    return;
  if (!a || !(bare || pn_str_is(a->key, "=") || pn_str_is(a->key, "val"))) {
    fail(r, here(r), "WHEN needs a condition such as v(out)=0.5");
    return;
  }
  r->at++;
  if (a->is_num)
    e->level = a->num;
  else if (a->ast)
    e->right = add_signal(r, a->ast);
  else
    fail(r, a->loc, "a number or a signal is expected here");
}

/* What may follow a condition or a subject: edges, delay, window. */
static void read_tail(reader *r, pn_event *e)
{
  const pn_arg *a;
  while (!r->failed && (a = peek(r))) {
    if (!(e && event_key(r, e, a)) && !window_key(r, a)) {
      /* TD= alone starts the window of AVG, MAX, ... */
      if (!e && pn_str_is(a->key, "td"))
        r->m->from = number_of(r, a);
      else
        unknown_key(r, a);
    }
    r->at++;
  }
}

static void read_trig_targ(reader *r)
{
  read_trigger(r, &r->m->trig);
  if (!r->failed && !take_word(r, "targ"))
    fail(r, here(r), "TARG is expected behind TRIG");
  if (!r->failed)
    read_trigger(r, &r->m->targ);
  if (!r->failed && peek(r))
    unknown_key(r, peek(r));
}

/* FIND and DERIV: a signal, then WHEN or AT. */
static void read_find(reader *r)
{
  pn_measure *m = r->m;
  m->subject = take_signal(r);
  const pn_arg *a = peek(r);
  if (r->failed)
    return;
  if (take_word(r, "when")) {
    read_condition(r, &m->targ);
    read_tail(r, &m->targ);
  } else if (a && pn_str_is(a->key, "at")) {
    m->targ = new_event();
    m->targ.is_at = true;
    m->targ.at = number_of(r, a);
    r->at++;
    read_tail(r, NULL);
  } else {
    fail(r, here(r), "WHEN or at= is expected here");
  }
}

static void read_statistic(reader *r)
{
  r->m->subject = take_signal(r);
  if (!r->failed)
    read_tail(r, NULL);
  if (!r->failed && r->m->from > r->m->to)
    fail(r, r->m->loc, "the interval ends before it starts");
}

static void read_param(reader *r)
{
  const pn_arg *a = peek(r);
  if (!a || !a->ast)
    fail(r, here(r), "an expression is expected behind param=");
  r->m->param = a ? a->ast : NULL;
  r->at++;
  if (!r->failed && peek(r))
    unknown_key(r, peek(r));
}

static const struct form {
  const char *word;
  pn_measure_kind kind;
  void (*read)(reader *r);
} table[] = {
    {"trig", PN_M_TRIG_TARG, read_trig_targ}, {"find", PN_M_FIND, read_find},
    {"deriv", PN_M_DERIV, read_find},         {"derivative", PN_M_DERIV, read_find},
    {"avg", PN_M_AVG, read_statistic},        {"rms", PN_M_RMS, read_statistic},
    {"integ", PN_M_INTEG, read_statistic},    {"integral", PN_M_INTEG, read_statistic},
    {"min", PN_M_MIN, read_statistic},        {"max", PN_M_MAX, read_statistic},
    {"pp", PN_M_PP, read_statistic},          {"min_at", PN_M_MIN_AT, read_statistic},
    {"max_at", PN_M_MAX_AT, read_statistic},
};
enum { N_FORMS = sizeof table / sizeof *table };

/* Does a word say what to measure? */
static bool starts_body(const pn_arg *a)
{
  bool found = is_word(a, "when") || is_word(a, "param") || pn_str_is(a->key, "param");
  for (size_t k = 0; k < N_FORMS; k++)
    found |= is_word(a, table[k].word);
  return found;
}

static void read_body(reader *r)
{
  const pn_arg *a = peek(r);
  bool param = take_word(r, "param"); /* LTspice writes it without "=" */
  if (param || (a && pn_str_is(a->key, "param"))) {
    r->m->kind = PN_M_PARAM;
    read_param(r);
    return;
  }
  if (take_word(r, "when")) {
    r->m->kind = PN_M_WHEN;
    read_condition(r, &r->m->targ);
    read_tail(r, &r->m->targ);
    return;
  }
  for (size_t k = 0; k < N_FORMS; k++)
    if (take_word(r, table[k].word)) {
      r->m->kind = table[k].kind;
      table[k].read(r);
      return;
    }
  pn_error_hint(r->diag, here(r),
                "TRIG, FIND, WHEN, AVG, RMS, MIN, MAX, PP, MIN_AT, MAX_AT, INTEG, DERIV or PARAM=",
                ".measure: it is not said what to measure");
  r->failed = true;
}

/* Analyses whose results have a scale to measure along. */
static bool is_measurable(pn_str analysis)
{
  static const char *const names[] = {"tran",     "ac",  "dc",          "noise",
                                      "envelope", "pss", "continuation"};
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    if (pn_str_is(analysis, names[k]))
      return true;
  return false;
}

pn_measure *pn_measure_parse(pn_arena *a, pn_diag *d, const pn_args *args, pn_str usual)
{
  pn_measure *m = PN_NEW(a, pn_measure);
  reader r = {.arena = a, .diag = d, .args = args, .m = m};
  *m = (pn_measure){.loc = args->loc, .subject = -1, .from = -INFINITY, .to = INFINITY};
  m->targ.left = m->trig.left = m->targ.right = m->trig.right = -1;
  if (args->n < 2 || args->at[0].key.n > 0 ||
      (args->at[1].key.n > 0 && !pn_str_is(args->at[1].key, "param"))) {
    pn_error_hint(d, args->loc, ".measure tran NAME ...", ".measure needs an analysis and a name");
    return NULL;
  }
  pn_str analysis = args->at[0].text;
  bool named = is_measurable(analysis) || !usual.n || !starts_body(&args->at[1]);
  if (!named)
    analysis = usual; /* LTspice's form */
  if (!is_measurable(analysis)) {
    pn_error(d, args->at[0].loc,
             ".measure knows the analyses tran, ac, dc, noise, envelope, pss and continuation, not "
             "'%.*s'",
             PN_FMT(analysis));
    return NULL;
  }
  m->analysis = pn_str_lower(a, analysis);
  m->name = pn_str_lower(a, args->at[named].text);
  m->loc = args->at[named].loc;
  r.at = 1 + named;
  read_body(&r);
  pn_measure_reset(m);
  return r.failed ? NULL : m;
}
