/* Memristors as subcircuits of behavioural sources, each state a voltage on a capacitor: models whose published
 * equations have a closed form, and users' models, whose expressions are written as they are. */
#include "api/expand.h"
#include "devices/memristor.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROOM = PN_EXPAND_ROOM };

/* ---- equations ---- */

/* Text of a model's current (A) and rates (unit of the state per second), as its file in devices/memristors
 * states them. V stands for the port's voltage, X and Y for its states, I for the current, TEMP for the
 * device's temperature (K); other words are the model's parameters. */
enum { MOST_FORM_STATES = 2 };
typedef struct form {
  const char *model;
  const char *current, *rate[MOST_FORM_STATES];
} form;

#define TANGENT_WINDOW_OFF "(window>0.5 ? exp(-exp(min((X-a_off)/w_c,50))) : 1)"
#define TANGENT_WINDOW_ON  "(window>0.5 ? exp(-exp(min((a_on-X)/w_c,50))) : 1)"
#define TEAM_CURRENT                                                                               \
  "V/(law>0.5 ? ron*exp(ln(roff/ron)*(X-x_on)/(x_off-x_on)) : "                                    \
  "ron+(roff-ron)*(X-x_on)/(x_off-x_on))"

#define THERMAL_Y      "(b_pf*sqrt(abs(V))/(8.617333262e-5*X))"
#define STANFORD_GAMMA "(gamma0-beta*(X*1e9)**3)"
#define STANFORD_FIELD                                                                             \
  "(" STANFORD_GAMMA "*abs(V)>=f_min*1e9*thick ? " STANFORD_GAMMA "*a0*V/thick : 0)"

static const form forms[] = {
    {"taox",
     "V*(X*gm+(1-X)*leak_a*exp(leak_b*sqrt(abs(V))))",
     {"V>0 ? b*sinh(max(min(V/s_on,300),-300))*exp(min(I*V/s_p-(X/x_on)**2,200)) : "
      "a*sinh(max(min(V/s_off,300),-300))*exp(1/(1+beta*I*V)-(x_off/max(X,1e-6))**2)"}},
    {"vteam",
     TEAM_CURRENT,
     {"V>0 ? k_off*max(V/v_off-1,0)**alpha_off*" TANGENT_WINDOW_OFF
      " : k_on*max(V/v_on-1,0)**alpha_on*" TANGENT_WINDOW_ON}},
    {"team",
     TEAM_CURRENT,
     {"V>0 ? k_off*max(I/i_off-1,0)**alpha_off*" TANGENT_WINDOW_OFF
      " : k_on*max(I/i_on-1,0)**alpha_on*" TANGENT_WINDOW_ON}},
    {"yakopcic",
     "(V>=0 ? a1 : a2)*X*sinh(max(min(b*V,300),-300))",
     {"eta*(V>vp ? ap*(exp(V)-exp(vp)) : (V<-vn ? -an*(exp(-V)-exp(vn)) : 0))*"
      "(eta*V>=0 ? (X>=xp ? exp(-alphap*(X-xp))*(1-X)/(1-xp) : 1) : "
      "(X<=1-xn ? exp(alphan*(X-1+xn))*X/(1-xn) : 1))"}},
    {"pershin", "V/X", {"alpha*min(max(V,-vt),vt)+beta*(V-min(max(V,-vt),vt))"}},
    {"lineardrift",
     "V/(ron*X+roff*(1-X))",
     {"mu*ron/d**2*I*(window<0.5 ? 1 : (window<1.5 ? 1-abs(2*X-1)**(2*p) : "
      "(window<2.5 ? (I>0 ? 1-X**(2*p) : 1-(1-X)**(2*p)) : "
      "(window<3.5 ? j*(1-((X-0.5)**2+0.75)**p) : X*(1-X)))))"}},
    {"al2o3",
     "V*(gmin+(gmax-gmin)*X)",
     {"k*sinh(max(min(V/v0,300),-300))*(V>0 ? exp(-ap*X) : exp(-an*(1-X)))"}},
    {"tiox",
     "a/X*sinh(max(min(b*V,300),-300))",
     {"V>0 ? ap*(exp(tp*V)-1)*(law<0.5 ? exp(kp*max(rp0+rp1*V-X,0))-1 : max(rp0+rp1*V-X,0)**2) : "
      "an*(exp(-tn*V)-1)*(law<0.5 ? exp(kn*max(X-rn0-rn1*V,0))-1 : max(X-rn0-rn1*V,0)**2)"}},
    {"nbox",
     "V*(d0+X*(d1+X*(d2+X*(d3+X*d4))))",
     {"a0+a1*X+V*V*(b2+X*(c21+X*(c22+X*(c23+X*(c24+X*c25)))))"}},
    {"wox",
     "(1-X)*alpha*(1-exp(-beta*V))+X*gamma*sinh(delta*V)",
     {"lambda*(eta1*sinh(eta2*V)-X/tau)"}},
    {"thermal",
     "V*(law>2.5 ? d0+X*(d1+X*(d2+X*(d3+X*d4))) : g_ref*exp(ea/8.617333262e-5*(1/t_ref-1/X))*"
     "(law<0.5 ? 1 : (law<1.5 ? exp(" THERMAL_Y ") : "
     "0.5*(1+(1+(" THERMAL_Y "-1)*exp(" THERMAL_Y "))*2/max(" THERMAL_Y ",1e-3)**2))))",
     {"(I*V-(X-(t_amb>0 ? t_amb : TEMP))/r_th)/c_th"}},
    {"stanford",
     "i0*exp(-X/g_ref)*sinh(max(min(V/v0,300),-300))",
     {"-vel0*(exp(min(11604.518121745585/Y*(" STANFORD_FIELD "-ea_g),200))-"
      "exp(min(-11604.518121745585/Y*(" STANFORD_FIELD "+ea_r),200)))",
      "abs(V*I)/c_th-(Y-(t_amb>0 ? t_amb : TEMP))/tau_th"}},
};

static const form *form_of(const pn_memristor *m)
{
  for (size_t k = 0; k < sizeof forms / sizeof *forms; k++)
    if (!strcmp(forms[k].model, m->name))
      return &forms[k];
  return NULL;
}

/* ---- words ---- */

/* A subcircuit's parameter: of the model's name, or p3 in users' models, whose names may mean anything. */
static const char *param_word(const pn_memristor *m, int k, char *buf)
{
  if (m->user)
    snprintf(buf, ROOM, "p%d", k);
  else
    snprintf(buf, ROOM, "%s", m->params[k].name);
  return buf;
}

/* The node of a state, and that of its rate: st, or st_x where there are several. */
static const char *state_node(const pn_memristor *m, const char *what, int k, char *buf)
{
  bool several = m->n_states > 1;
  snprintf(buf, ROOM, "%s%s%s", what, several ? "_" : "", several ? m->states[k].name : "");
  return buf;
}

static bool is_bounded(const pn_mem_state *s)
{
  return s->p_min >= 0 && s->p_max >= 0;
}

/* A state from its voltage, which is 0 at the lower and 1 at the upper bound; without bounds it is the state. */
static void put_state(const pn_expand *w, const pn_memristor *m, int k)
{
  const pn_mem_state *s = &m->states[k];
  char node[ROOM], lo[ROOM], hi[ROOM];
  state_node(m, "st", k, node);
  if (!is_bounded(s)) {
    pn_expand_put(w, "v(%s)", node);
    return;
  }
  param_word(m, s->p_min, lo);
  param_word(m, s->p_max, hi);
  pn_expand_put(w, "({%s}+({%s}-{%s})*min(max(v(%s),0),1))", lo, hi, lo, node);
}

/* The text of an equation with its words replaced. current: of I, may be NULL. */
static void put_text(const pn_expand *w, const pn_memristor *m, const char *text,
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
    else if (pn_str_eq(word, PN_STR("X")) || pn_str_eq(word, PN_STR("Y")))
      put_state(w, m, *text - 'X');
    else if (pn_str_eq(word, PN_STR("TEMP")))
      pn_expand_put(w, "({celsius}+273.15)");
    else if (pn_str_eq(word, PN_STR("I"))) {
      pn_expand_put(w, "(");
      put_text(w, m, current, NULL);
      pn_expand_put(w, ")");
    } else
      pn_expand_put(w, pn_param_find(m->params, m->n_params, word) >= 0 ? "{%.*s}" : "%.*s", (int)n,
                    text);
    text += n ? n : 1;
  }
}

static bool user_input(const pn_expand *w, pn_expand_names *names, int index)
{
  if (index >= PN_USER_X)
    put_state(w, names->user, index - PN_USER_X);
  else
    pn_expand_put(w, index == PN_USER_V ? "v(top,bot)" : index == PN_USER_T ? "time" : "{celsius}");
  return true;
}

static bool user_param(const pn_expand *w, pn_expand_names *names, int index)
{
  char word[ROOM];
  pn_expand_put(w, "{%s}", param_word(names->user, index, word));
  return true;
}

static bool put_user(const pn_expand *w, const pn_memristor *m, pn_gnode node)
{
  pn_expand_names names = {.graph = m->user->graph,
                           .user = m,
                           .left = PN_EXPAND_LONGEST,
                           .input = user_input,
                           .param = user_param};
  return pn_expand_text(w, node, &names);
}

static bool put_current(const pn_expand *w, const pn_memristor *m, const form *f)
{
  if (f) {
    put_text(w, m, f->current, NULL);
    return true;
  }
  if (!m->user->i_of_v)
    pn_expand_put(w, "v(top,bot)*");
  return put_user(w, m, m->user->current);
}

static bool put_rate(const pn_expand *w, const pn_memristor *m, const form *f, int k)
{
  if (!f)
    return put_user(w, m, m->user->rates[k]);
  put_text(w, m, f->rate[k], f->current);
  return true;
}

/* ---- subcircuits ---- */

/* One state on 1 F. Where operating points hold it (`steady` is 0), 1e12 ohm do so and its rate begins with the
 * time, and it stops hard at its bounds, as in Pinch; where they settle, the rate ends along the last 1e-4 of the
 * range, so that Newton's method finds the bound. A factor `live` of 0 makes a stuck device. */
static void put_state_circuit(const pn_expand *w, const pn_memristor *m, int k)
{
  const pn_mem_state *s = &m->states[k];
  char st[ROOM], rate[ROOM], lo[ROOM] = "", hi[ROOM] = "", init[ROOM], hold[ROOM];
  state_node(m, "st", k, st);
  state_node(m, "rate", k, rate);
  state_node(m, "hold", k, hold);
  param_word(m, s->p_init, init);
  pn_expand_put(w, "bs%d 0 %s i=(({steady}>0.5) || (time>0) ? {live} : 0)*v(%s)", k, st, rate);
  if (is_bounded(s)) {
    param_word(m, s->p_min, lo);
    param_word(m, s->p_max, hi);
    pn_expand_put(w,
                  "*({steady}>0.5 ? min(max(1e4*(v(%s)>0 ? 1-v(%s) : v(%s)),0),1) : "
                  "(v(%s)>0 ? (v(%s)<1 ? 1 : 0) : (v(%s)>0 ? 1 : 0)))/({%s}-{%s})",
                  rate, st, st, rate, st, st, hi, lo);
  }
  pn_expand_put(w, "\ncs%d %s 0 1\nrh%d %s %s 1e12\nvh%d %s 0 ", k, st, k, hold, st, k, hold);
  if (is_bounded(s))
    pn_expand_put(w, "{({%s}-{%s})/({%s}-{%s})}\n", init, lo, hi, lo);
  else
    pn_expand_put(w, "{%s}\n", init);
}

static bool put_subckt(const pn_expand *w, const pn_memristor *m, const form *f, size_t number)
{
  char word[ROOM];
  if (m->user)
    pn_expand_put(w, "* %s\n.subckt pinch_m%zu", m->name, number);
  else
    pn_expand_put(w, ".subckt pinch_%s", m->name);
  pn_expand_put(w, " top bot live=1 steady=%d celsius=%.17g", m->is_volatile,
                w->n->options.temp - PN_KELVIN);
  for (int k = 0; k < m->n_params; k++)
    if (!isnan(m->params[k].value))
      pn_expand_put(w, "%s%s=%.17g", k % 6 == 5 ? "\n+ " : " ", param_word(m, k, word),
                    m->params[k].value);
  pn_expand_put(w, "\nbi top bot i=");
  bool good = put_current(w, m, f);
  for (int k = 0; good && k < m->n_states; k++) {
    pn_expand_put(w, "\nbr%d %s 0 v=", k, state_node(m, "rate", k, word));
    good = put_rate(w, m, f, k);
    pn_expand_put(w, "\n");
    if (good)
      put_state_circuit(w, m, k);
  }
  pn_expand_put(w, m->n_states ? ".ends\n" : "\n.ends\n");
  return good;
}

/* The number of a model's subcircuit, which is written when it is new; false: it cannot be. */
static bool subckt_of(pn_expand *w, const pn_memristor *m, const form *f, size_t *number)
{
  for (*number = 0; *number < w->subckts.n; ++*number)
    if (w->subckts.at[*number] == m)
      return true;
  *PN_PUSH(&w->n->arena, &w->subckts) = m;
  return put_subckt(w, m, f, *number);
}

/* ---- instances ---- */

/* What the subcircuits cannot have: randomness in time. */
static const char *why_random(const pn_variation *v)
{
  if (!v)
    return NULL;
  if (v->n_cycle || v->n_fluctuation || v->stuck_max > 0 || v->stuck_min > 0)
    return "its cycles, its fluctuations, or whether it is stuck, are drawn at random";
  if (v->read > 0 || v->rtn > 0 || v->retention_tau > 0 || v->drift_nu != 0)
    return "its current has noise, drift or retention of its own";
  return NULL;
}

const char *pn_expand_memristor(pn_expand *w, const pn_expand_device *d)
{
  const pn_memristor *m = d->info.cls->mem;
  const form *f = form_of(m);
  char word[ROOM], inner[ROOM + 8];
  const char *nodes = d->nodes, *why = why_random(d->info.variation);
  for (int k = 0; k < m->n_states; k++)
    if (strlen(m->states[k].name) > ROOM / 2)
      return "the name of a state is longer than 128 characters";
  size_t number;
  if (!f && !m->user)
    return "a model whose equations have no closed form here";
  if (why)
    return why;
  if (!subckt_of(w, m, f, &number))
    return "its expressions are too long to be written out, or use what ngspice has not";
  if (d->info.icc > 0) {
    const char *space = strchr(d->nodes, ' ');
    char top[ROOM];
    snprintf(top, sizeof top, "%.*s", (int)(space - d->nodes), d->nodes);
    snprintf(inner, sizeof inner, "%.200s.icc", d->name);
    pn_expand_limiter(w, d->name, top, inner, d->info.icc, 0);
    pn_expand_put(w, "x%s %s %s", d->name, inner, space + 1);
  } else {
    pn_expand_put(w, "x%s %s", d->name, nodes);
  }
  if (m->user)
    pn_expand_put(w, " pinch_m%zu", number);
  else
    pn_expand_put(w, " pinch_%s", m->name);
  for (int k = 0; k < m->n_params; k++)
    if (d->p[k] != m->params[k].value && !isnan(d->p[k]))
      pn_expand_put(w, " %s=%.17g", param_word(m, k, word), d->p[k]);
  int memory = d->info.hold >= 0 ? d->info.hold : w->n->options.op_memory;
  bool stuck = d->info.hold == PN_STUCK, steady = memory < 0 ? m->is_volatile : !memory;
  if (steady != m->is_volatile)
    pn_expand_put(w, " steady=%d", steady);
  double own = d->info.warm.own, above = d->info.warm.above;
  if (own != 0 || above != 0)
    pn_expand_put(w, " celsius=%.17g", (own > 0 ? own : w->n->options.temp) + above - PN_KELVIN);
  pn_expand_put(w, stuck ? " live=0\n" : "\n");
  return NULL;
}
