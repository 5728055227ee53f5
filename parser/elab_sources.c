/* V and I: DC value, AC magnitude and phase and one waveform, in any order, the
 * waveform's numbers in parentheses or not. The words are kept as a plan, so that a sweep
 * of a parameter can write the waveform anew, in place: while a sweep runs, a netlist
 * with such sources belongs to one thread. */
#include "devices/classes.h"
#include "parser/elab.h"

#include <stdlib.h>
#include <string.h>

typedef struct pn_source_plan {
  pn_scope *scope;
  pn_wave *wave;
  pn_num dc, ac_mag, ac_phase, delay, repeat;
  pn_num extra[2]; /* rser= and ilim= of a V source, as in pn_class_vsource_l */
  bool has[2];
  PN_VEC(pn_num) given; /* numbers of the waveform, as written */
  double *time, *value; /* [given.n / 2] PWL */
} pn_source_plan;

static const struct {
  const char *name;
  pn_wave_kind kind;
  int most; /* numbers it takes */
} waves[] = {{"pulse", PN_WAVE_PULSE, 7}, {"sin", PN_WAVE_SIN, 6}, {"sine", PN_WAVE_SIN, 6},
             {"pwl", PN_WAVE_PWL, -1},    {"exp", PN_WAVE_EXP, 6}, {"sffm", PN_WAVE_SFFM, 7},
             {"am", PN_WAVE_AM, 8}};
enum { N_WAVES = sizeof waves / sizeof *waves };

/* ---- from plan to waveform ---- */

static double now(pn_scope *s, pn_num *v)
{
  double value = v->value;
  uint64_t mask;
  if (v->ast && pn_scope_eval(s, v->ast, &value, &mask) == PN_OK)
    v->value = value;
  return v->value;
}

static void fill(pn_source_plan *p)
{
  pn_wave *w = p->wave;
  pn_scope *s = p->scope;
  double numbers[8];
  int n = (int)p->given.n;
  w->dc = now(s, &p->dc);
  w->ac_mag = now(s, &p->ac_mag);
  w->ac_phase = now(s, &p->ac_phase);
  w->delay = now(s, &p->delay);
  w->repeat = now(s, &p->repeat);
  if (w->kind == PN_WAVE_PWL) {
    for (int k = 0; k < n; k++)
      (k % 2 ? p->value : p->time)[k / 2] = now(s, &p->given.at[k]);
    return;
  }
  for (int k = 0; k < n; k++)
    numbers[k] = now(s, &p->given.at[k]);
  pn_wave_defaults(w, numbers, n, s->e->tstep, s->e->tstop);
}

void pn_source_refresh(struct pn_source_plan *p)
{
  fill(p);
}

/* ---- words ---- */

typedef struct reader {
  pn_scope *s;
  const pn_card *c;
  pn_source_plan *p;
  int wave_token; /* 0: no waveform yet */
  bool dc_given;
  bool voltage; /* a V source */
} reader;

static int wave_of(const pn_card *c, int k)
{
  for (int j = 0; pn_tok_is(c, k, PN_T_WORD) && j < N_WAVES; j++)
    if (pn_str_is(c->tokens[k].text, waves[j].name))
      return j;
  return -1;
}

static bool is_number(const pn_card *c, int k)
{
  if (pn_tok_is(c, k, PN_T_EXPR))
    return true;
  if (!pn_tok_is(c, k, PN_T_WORD) || pn_tok_key(c, k) || !c->tokens[k].text.n)
    return false;
  char ch = c->tokens[k].text.p[0];
  return (ch >= '0' && ch <= '9') || ch == '.' || ch == '-' || ch == '+';
}

static bool is_keyword(const pn_card *c, int k)
{
  return pn_tok_word(c, k, "dc") || pn_tok_word(c, k, "ac") || wave_of(c, k) >= 0;
}

static void skip_equals(const pn_card *c, int *k)
{
  *k += pn_tok_is(c, *k, PN_T_EQUALS);
}

/* One number of a list, where a name between blanks is a parameter on its own. */
static bool read_item(reader *r, int *k, pn_num *v)
{
  const pn_card *c = r->c;
  if (is_number(c, *k) || !pn_tok_is(c, *k, PN_T_WORD))
    return pn_read_num(r->s, c, k, v);
  pn_elab *e = r->s->e;
  *v = (pn_num){.loc = pn_at(r->s, c, *k)};
  pn_str word = c->tokens[(*k)++].text;
  v->ast = pn_expr_parse(e->diag, v->loc, word.p, word.n, true, &(size_t){0});
  return v->ast && pn_scope_eval(r->s, v->ast, &v->value, &v->mask) == PN_OK;
}

/* rser= and ilim= of a voltage source. */
static bool read_extra(reader *r, int *k)
{
  pn_elab *e = r->s->e;
  const pn_device_class *cls = &pn_class_vsource_l;
  int index = pn_param_find(cls->params, cls->n_params, r->c->tokens[*k].text);
  pn_num *v = &r->p->extra[index];
  if (r->p->has[index]) {
    pn_error(e->diag, pn_at(r->s, r->c, *k), "'%s' is given twice", cls->params[index].name);
    return false;
  }
  *k += 2;
  if (!pn_read_num(r->s, r->c, k, v))
    return false;
  const char *why = pn_param_check(e->arena, &cls->params[index], v->value);
  if (why)
    pn_error(e->diag, v->loc, "%s", why);
  r->p->has[index] = true;
  return !why;
}

/* PWL's td= and r=. */
static bool read_option(reader *r, int *k)
{
  pn_str key = r->c->tokens[*k].text;
  if (r->voltage && (pn_str_is(key, "rser") || pn_str_is(key, "ilim")))
    return read_extra(r, k);
  bool delay = pn_str_is(key, "td"), repeat = pn_str_is(key, "r");
  if ((!delay && !repeat) || r->p->wave->kind != PN_WAVE_PWL) {
    pn_error(r->s->e->diag, pn_at(r->s, r->c, *k), "a source has no parameter '%.*s' here",
             PN_FMT(key));
    return false;
  }
  *k += 2;
  return pn_read_num(r->s, r->c, k, delay ? &r->p->delay : &r->p->repeat);
}

/* Numbers of a PWL from a file: two columns, comments start with * # or ;. */
static bool read_file(reader *r, int *k)
{
  pn_elab *e = r->s->e;
  const pn_card *c = r->c;
  *k += 1;
  skip_equals(c, k);
  if (!pn_tok_is(c, *k, PN_T_STRING) && !pn_tok_is(c, *k, PN_T_WORD)) {
    pn_error(e->diag, pn_at(r->s, c, *k), "the name of the file is missing");
    return false;
  }
  pn_loc loc = pn_at(r->s, c, *k);
  pn_str name = c->tokens[(*k)++].text;
  const char *path = pn_arena_printf(e->arena, "%s%.*s",
                                     name.p[0] == '/' ? "" : e->n->options.folder, PN_FMT(name));
  if (e->n->options.untrusted && (name.p[0] == '/' || strstr(path, ".."))) {
    pn_error(e->diag, loc, "'%.*s' lies outside the netlist's folder", PN_FMT(name));
    return false;
  }
  uint32_t file = pn_tree_load_file(e->diag, path, loc);
  if (!file)
    return false;
  const char *text = e->diag->sources.at[file - 1].text;
  for (const char *at = text; *at;) {
    char *end;
    double value = strtod(at, &end);
    if (end != at) {
      *PN_PUSH(e->arena, &r->p->given) = (pn_num){.value = value, .loc = loc};
      at = end;
    } else if (strchr(" \t\r\n,", *at)) {
      at++;
    } else if (strchr("*#;", *at)) {
      at += strcspn(at, "\n");
    } else {
      pn_error(e->diag, (pn_loc){file, (uint32_t)(at - text), 1, 0}, "expected a number");
      return false;
    }
  }
  return true;
}

/* The numbers behind a waveform's name. */
static bool read_wave(reader *r, int *k)
{
  pn_elab *e = r->s->e;
  const pn_card *c = r->c;
  int which = wave_of(c, *k);
  if (r->wave_token) {
    pn_error(e->diag, pn_at(r->s, c, *k), "a source has one waveform only");
    return false;
  }
  r->wave_token = (*k)++;
  r->p->wave->kind = waves[which].kind;
  skip_equals(c, k);
  bool inside = pn_tok_is(c, *k, PN_T_LPAREN);
  *k += inside;
  while (*k < c->n && !(inside && pn_tok_is(c, *k, PN_T_RPAREN))) {
    if (pn_tok_is(c, *k, PN_T_COMMA) || (!inside && pn_tok_is(c, *k, PN_T_RPAREN))) {
      ++*k;
    } else if (which == 3 && pn_tok_word(c, *k, "file")) {
      if (!read_file(r, k))
        return false;
    } else if (pn_tok_key(c, *k)) {
      if (!inside)
        break;
      if (!read_option(r, k))
        return false;
    } else if (!inside && !is_number(c, *k)) {
      break;
    } else {
      pn_num v;
      if (!read_item(r, k, &v))
        return false;
      *PN_PUSH(e->arena, &r->p->given) = v;
    }
  }
  *k += inside;
  if (waves[which].most >= 0 && (int)r->p->given.n > waves[which].most) {
    pn_error(e->diag, r->p->given.at[waves[which].most].loc, "%s takes at most %d numbers",
             waves[which].name, waves[which].most);
    return false;
  }
  return true;
}

static bool read_ac(reader *r, int *k)
{
  r->p->ac_mag = (pn_num){.value = 1};
  skip_equals(r->c, k);
  if (is_number(r->c, *k) && !pn_read_num(r->s, r->c, k, &r->p->ac_mag))
    return false;
  return !is_number(r->c, *k) || pn_read_num(r->s, r->c, k, &r->p->ac_phase);
}

static bool read_dc(reader *r, int *k)
{
  if (r->dc_given) {
    pn_error(r->s->e->diag, pn_at(r->s, r->c, *k), "the DC value is given twice");
    return false;
  }
  r->dc_given = true;
  return pn_read_num(r->s, r->c, k, &r->p->dc);
}

static bool read_word(reader *r, int *k)
{
  const pn_card *c = r->c;
  if (pn_tok_word(c, *k, "dc")) {
    ++*k;
    skip_equals(c, k);
    return (*k < c->n && is_keyword(c, *k)) || read_dc(r, k);
  }
  if (pn_tok_word(c, *k, "ac")) {
    ++*k;
    return read_ac(r, k);
  }
  if (wave_of(c, *k) >= 0)
    return read_wave(r, k);
  if (pn_tok_key(c, *k))
    return read_option(r, k);
  bool name = pn_tok_is(c, *k, PN_T_WORD) && !is_number(c, *k);
  if (name && !pn_scope_has_param(r->s, c->tokens[*k].text)) {
    pn_error_hint(r->s->e->diag, pn_at(r->s, c, *k),
                  "a source takes DC value, AC magnitude phase, PULSE, SIN, PWL, EXP, SFFM, AM",
                  "unknown word '%.*s' in the source", PN_FMT(c->tokens[*k].text));
    return false;
  }
  return read_dc(r, k);
}

/* ---- instances ---- */

/* Room for PWL points, first numbers, checks. */
static bool complete(reader *r)
{
  pn_elab *e = r->s->e;
  pn_source_plan *p = r->p;
  size_t n = p->given.n;
  if (p->wave->kind == PN_WAVE_PWL) {
    if (n < 2 || n % 2) {
      pn_error(e->diag, pn_at(r->s, r->c, r->wave_token),
               n % 2 ? "PWL needs pairs of time and value" : "PWL has no points");
      return false;
    }
    p->wave->n_points = (int)(n / 2);
    p->wave->time = p->time = PN_NEW_ARRAY(e->arena, double, n / 2);
    p->wave->value = p->value = PN_NEW_ARRAY(e->arena, double, n / 2);
  }
  p->wave->dc_given = r->dc_given || p->wave->kind == PN_WAVE_DC;
  fill(p);
  const char *why = pn_wave_check(e->arena, p->wave);
  if (why)
    pn_error(e->diag, pn_at(r->s, r->c, r->wave_token), "%s", why);
  return !why;
}

static uint64_t mask_of(const pn_source_plan *p)
{
  uint64_t mask = p->dc.mask | p->ac_mag.mask | p->ac_phase.mask | p->delay.mask | p->repeat.mask;
  for (size_t k = 0; k < p->given.n; k++)
    mask |= p->given.at[k].mask;
  return mask;
}

void pn_instance_source(pn_scope *s, const pn_card *c, const pn_device_class *cls)
{
  pn_elab *e = s->e;
  int ids[2], k = 1;
  if (!pn_read_nodes(s, c, &k, 2, cls->name, ids))
    return;
  reader r = {.s = s, .c = c, .p = PN_NEW(e->arena, pn_source_plan), .voltage = cls->letter == 'v'};
  r.p->scope = s;
  r.p->wave = PN_NEW(e->arena, pn_wave);
  r.p->repeat.value = -1;
  while (k < c->n) {
    if (pn_tok_is(c, k, PN_T_COMMA))
      k++;
    else if (!read_word(&r, &k))
      return;
  }
  if (!complete(&r))
    return;
  char name[PN_NAME_ROOM];
  pn_device_spec spec = {.name = pn_name_here(s, c->tokens[0].text, name),
                         .loc = pn_at(s, c, 0),
                         .cls = cls,
                         .unknowns = ids,
                         .wave = r.p->wave,
                         .hold = -1};
  pn_given given = {.n = 0};
  for (int j = 0; j < 2; j++)
    if (r.p->has[j]) {
      given.index[given.n] = j;
      given.num[given.n] = r.p->extra[j];
      given.value[given.n++] = r.p->extra[j].value;
    }
  if (given.n)
    spec.cls = r.p->has[1] ? &pn_class_vsource_l : &pn_class_vsource_r;
  int device = pn_add_device(s, c, &spec, given.n ? &given : NULL, NULL);
  uint64_t mask = mask_of(r.p);
  if (device >= 0 && mask)
    *PN_PUSH(e->arena, &e->bindings) = (pn_binding){
        .mask = mask, .device = device, .index = -1, .scope = s, .source = r.p};
}
