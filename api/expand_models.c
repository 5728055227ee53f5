/* Memristors as subcircuits of behavioural sources, for the models whose published equations have a
 * closed form, and model cards of semiconductors: what the flat netlist's lines refer to. */
#include "api/expand.h"
#include "devices/memristor.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- equations ---- */

/* Text of a model's current (A) and rate (unit of the state per second), as its file in devices/memristors
 * states them. V and X stand for the port's voltage and the state, I for the current; other
 * words are the model's parameters. */
typedef struct form {
  const char *model;
  const char *current, *rate;
} form;

#define TANGENT_WINDOW_OFF "(window>0.5 ? exp(-exp(min((X-a_off)/w_c,50))) : 1)"
#define TANGENT_WINDOW_ON  "(window>0.5 ? exp(-exp(min((a_on-X)/w_c,50))) : 1)"
#define TEAM_CURRENT                                                                               \
  "V/(law>0.5 ? ron*exp(ln(roff/ron)*(X-x_on)/(x_off-x_on)) : "                                    \
  "ron+(roff-ron)*(X-x_on)/(x_off-x_on))"

static const form forms[] = {
    {"taox", "V*(X*gm+(1-X)*leak_a*exp(leak_b*sqrt(abs(V))))",
     "V>0 ? b*sinh(max(min(V/s_on,300),-300))*exp(min(I*V/s_p-(X/x_on)**2,200)) : "
     "a*sinh(max(min(V/s_off,300),-300))*exp(1/(1+beta*I*V)-(x_off/max(X,1e-6))**2)"},
    {"vteam", TEAM_CURRENT,
     "V>0 ? k_off*max(V/v_off-1,0)**alpha_off*" TANGENT_WINDOW_OFF
     " : k_on*max(V/v_on-1,0)**alpha_on*" TANGENT_WINDOW_ON},
    {"team", TEAM_CURRENT,
     "V>0 ? k_off*max(I/i_off-1,0)**alpha_off*" TANGENT_WINDOW_OFF
     " : k_on*max(I/i_on-1,0)**alpha_on*" TANGENT_WINDOW_ON},
    {"yakopcic", "(V>=0 ? a1 : a2)*X*sinh(max(min(b*V,300),-300))",
     "eta*(V>vp ? ap*(exp(V)-exp(vp)) : (V<-vn ? -an*(exp(-V)-exp(vn)) : 0))*"
     "(eta*V>=0 ? (X>=xp ? exp(-alphap*(X-xp))*(1-X)/(1-xp) : 1) : "
     "(X<=1-xn ? exp(alphan*(X-1+xn))*X/(1-xn) : 1))"},
    {"pershin", "V/X", "alpha*min(max(V,-vt),vt)+beta*(V-min(max(V,-vt),vt))"},
    {"lineardrift", "V/(ron*X+roff*(1-X))",
     "mu*ron/d**2*I*(window<0.5 ? 1 : (window<1.5 ? 1-abs(2*X-1)**(2*p) : "
     "(window<2.5 ? (I>0 ? 1-X**(2*p) : 1-(1-X)**(2*p)) : "
     "(window<3.5 ? j*(1-((X-0.5)**2+0.75)**p) : X*(1-X)))))"},
    {"al2o3", "V*(gmin+(gmax-gmin)*X)",
     "k*sinh(max(min(V/v0,300),-300))*(V>0 ? exp(-ap*X) : exp(-an*(1-X)))"},
    {"tiox", "a/X*sinh(max(min(b*V,300),-300))",
     "V>0 ? ap*(exp(tp*V)-1)*(law<0.5 ? exp(kp*max(rp0+rp1*V-X,0))-1 : max(rp0+rp1*V-X,0)**2) : "
     "an*(exp(-tn*V)-1)*(law<0.5 ? exp(kn*max(X-rn0-rn1*V,0))-1 : max(X-rn0-rn1*V,0)**2)"},
};

/* The text of an equation with its words replaced. x: of the state; current: of I, may be NULL. */
static void put_text(const pn_expand *w, const pn_memristor *m, const char *text, const char *x,
                     const char *current)
{
  while (*text) {
    size_t n = 0;
    while (isalnum((unsigned char)text[n]) || text[n] == '_')
      n++;
    bool number = n && isdigit((unsigned char)text[0]);
    pn_str word = {text, n};
    if (n == 0 || number)
      pn_expand_put(w, "%.*s", n ? (int)n : 1, text);
    else if (pn_str_eq(word, PN_STR("V")))
      pn_expand_put(w, "v(top,bot)");
    else if (pn_str_eq(word, PN_STR("X")))
      pn_expand_put(w, "%s", x);
    else if (pn_str_eq(word, PN_STR("I"))) {
      pn_expand_put(w, "(");
      put_text(w, m, current, x, NULL);
      pn_expand_put(w, ")");
    } else
      pn_expand_put(w, pn_param_find(m->params, m->n_params, word) >= 0 ? "{%.*s}" : "%.*s", (int)n,
                    text);
    text += n ? n : 1;
  }
}

static const form *form_of(const pn_memristor *m)
{
  for (size_t k = 0; k < sizeof forms / sizeof *forms; k++)
    if (!strcmp(forms[k].model, m->name))
      return &forms[k];
  return NULL;
}

/* ---- subcircuits ---- */

/* The state as the voltage st, 0 at its lower and 1 at its upper bound, on 1 F. In operating points
 * 1e12 ohm hold it at its starting value; its rate begins with the time. A factor `live` of 0
 * makes a stuck device. */
static void put_subckt(const pn_expand *w, const pn_memristor *m, const form *f)
{
  const pn_mem_state *st = &m->states[0];
  const char *lo = m->params[st->p_min].name, *hi = m->params[st->p_max].name;
  const char *init = m->params[st->p_init].name;
  char x[PN_EXPAND_ROOM];
  snprintf(x, sizeof x, "({%s}+({%s}-{%s})*min(max(v(st),0),1))", lo, hi, lo);
  pn_expand_put(w, ".subckt pinch_%s top bot live=1", m->name);
  for (int k = 0; k < m->n_params; k++)
    pn_expand_put(w, "%s%s=%.17g", k % 6 == 5 ? "\n+ " : " ", m->params[k].name,
                  m->params[k].value);
  pn_expand_put(w, "\nbi top bot i=");
  put_text(w, m, f->current, x, NULL);
  pn_expand_put(w, "\nbr rate 0 v=");
  put_text(w, m, f->rate, x, f->current);
  pn_expand_put(w,
                "\nbs 0 st i=(time>0 ? {live} : 0)*(v(rate)>0 ? (v(st)<1 ? 1 : 0) : "
                "(v(st)>0 ? 1 : 0))*v(rate)/({%s}-{%s})\n",
                hi, lo);
  pn_expand_put(w, "cs st 0 1\nvh hold 0 {({%s}-{%s})/({%s}-{%s})}\nrh hold st 1e12\n.ends\n", init,
                lo, hi, lo);
}

static bool was_written(pn_expand *w, const pn_memristor *m)
{
  for (size_t k = 0; k < w->subckts.n; k++)
    if (w->subckts.at[k] == m)
      return true;
  *PN_PUSH(&w->n->arena, &w->subckts) = m;
  return false;
}

bool pn_expand_memristor(pn_expand *w, const pn_device_class *cls, const double *p, bool stuck,
                         const char *name, const char *nodes)
{
  const pn_memristor *m = cls->mem;
  const form *f = form_of(m);
  if (!f)
    return false;
  if (!was_written(w, m))
    put_subckt(w, m, f);
  pn_expand_put(w, "x%s %s pinch_%s", name, nodes, m->name);
  for (int k = 0; k < m->n_params; k++)
    if (p[k] != m->params[k].value)
      pn_expand_put(w, " %s=%.17g", m->params[k].name, p[k]);
  pn_expand_put(w, stuck ? " live=0\n" : "\n");
  return true;
}

/* ---- semiconductors ---- */

static bool same(double a, double b)
{
  return a == b || (isnan(a) && isnan(b));
}

/* Parameters that stand on the card rather than on the instance. */
static bool on_card(const pn_param *p)
{
  return (p->flags & PN_P_MODEL) && !(p->flags & PN_P_INSTANCE);
}

static bool is_polarity(const pn_param *p)
{
  return !strcmp(p->name, "type");
}

static size_t card_of(pn_expand *w, const pn_device_class *cls, const double *p, bool *is_new)
{
  *is_new = false;
  for (size_t k = 0; k < w->cards.n; k++) {
    const pn_expand_card *c = &w->cards.at[k];
    bool equal = c->cls == cls;
    for (int j = 0; equal && j < cls->n_params; j++)
      if (on_card(&cls->params[j]) || is_polarity(&cls->params[j]))
        equal = same(c->values[j], p[j]);
    if (equal)
      return k;
  }
  *is_new = true;
  *PN_PUSH(&w->n->arena, &w->cards) = (pn_expand_card){cls, p};
  return w->cards.n - 1;
}

static void put_card(const pn_expand *w, const pn_device_class *cls, const double *p, size_t number)
{
  int type = pn_param_find(cls->params, cls->n_params, PN_STR("type"));
  bool twin = type >= 0 && p[type] < 0;
  pn_expand_put(w, ".model pinch_%zu %s", number, twin ? cls->model_twin : cls->model_type);
  if (cls->level > 1)
    pn_expand_put(w, " level=%d", cls->level);
  for (int k = 0; k < cls->n_params; k++)
    if (on_card(&cls->params[k]) && !is_polarity(&cls->params[k]) && !isnan(p[k]) &&
        !same(p[k], cls->params[k].value))
      pn_expand_put(w, " %s=%.17g", cls->params[k].name, p[k]);
  pn_expand_put(w, "\n");
}

void pn_expand_semiconductor(pn_expand *w, const pn_device_class *cls, const double *p,
                             const char *name, const char *nodes)
{
  bool is_new;
  size_t number = card_of(w, cls, p, &is_new);
  if (is_new)
    put_card(w, cls, p, number);
  pn_expand_put(w, "%s %s pinch_%zu", name, nodes, number);
  for (int k = 0; k < cls->n_params; k++)
    if (!on_card(&cls->params[k]) && !is_polarity(&cls->params[k]) && !isnan(p[k]) &&
        !same(p[k], cls->params[k].value))
      pn_expand_put(w, " %s=%.17g", cls->params[k].name, p[k]);
  pn_expand_put(w, "\n");
}
