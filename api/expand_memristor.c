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
 * states them. V stands for the port's voltage, X, Y and Z for its states, I for the current, TEMP for the
 * device's temperature (K); other words are the model's parameters. */
enum { MOST_FORM_STATES = 3 };
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

#define WANG_OXIDE "(0.7853981633974483/rho_ox*(phi_m**2-X**2)/Y)"
#define WANG_LOW   "(" WANG_OXIDE "+0.7853981633974483*(1+p)/(rho_m*(1-p)*lf)*X**3/Y)"
#define WANG_HIGH  "(gamma*" WANG_OXIDE "/Y)"
#define WANG_STUB  "(rho_m*(1-p)*lf*1.2732395447351628/((1+p)*phi_m**3)*(length-Y))"
#define WANG_U                                                                                     \
  "(2*abs(V)/(1+" WANG_STUB "*" WANG_LOW "+sqrt((1+" WANG_STUB "*" WANG_LOW ")**2+"                \
  "4*" WANG_STUB "*" WANG_HIGH "*abs(V))))"
#define WANG_KT "11604.518121745585/(t_amb>0 ? t_amb : TEMP)"

/* 1/(1 + exp(-z)) of z within +-200 */
#define LOGISTIC(z) "1/(1+exp(-max(min(" z ",200),-200)))"
#define QPC_STEP(w) "(" LOGISTIC("steep*((" w ")-0.5)") ")"
#define ROOT_V      "(V<0 ? -sqrt(-V) : sqrt(V))"
#define USC_FILLED  "min(X+Y,1)"
/* d(f + r)/dt before it fades at 1 */
#define USC_SUM    "(min(mu*abs(V)/(alpha+1-" USC_FILLED ")-(gamma1+beta)*X,limit)+beta*X-gamma2*Y)"
#define PCM_LAW(z) LOGISTIC("(" z ")/edge")

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
    {"mott",
     "V*3.141592653589793*radius**2/(rho_ins*length)*(1+(rho_ins/rho_met-1)*X*X)",
     {"(I*V+6.283185307179586*length*kappa*dt/ln(X))/(3.141592653589793*length*radius**2*"
      "(c_p*dt*(1-X*X+2*X*X*ln(X))/(2*X*ln(X)*ln(X))+2*dh_tr*X))"}},
    {"ag2s",
     "V*goff*exp(ln(gon/goff)*X)",
     {"V<0 ? -k_set*sinh(max(V/v_set,-300)) : -k_reset*sinh(min(V/v_reset,300))"}},
    {"agmos2",
     "gmax*X*V+a_sclc*(1-X)*abs(V)*V",
     {"(V>0 ? k_set*sinh(min(V/v_set,300)) : k_reset*sinh(max(V/v_reset,-300)))-"
      "(X-xmin)*min(1,(x_v/max(X,1e-9))**m)/tau_v"}},
    {"nbox_analog",
     "V*X*(ar*exp(min(br*" ROOT_V "/sqrt(X),200))+as*exp(min(-bs*" ROOT_V ",200)))",
     {"c1*(exp(min(c2*X*I-exp(min((X-x_off)*wc,200)),200))-"
      "exp(min(-c3*X*I-exp(min((x_on-X)*wc,200)),200)))"}},
    {"mss",
     "phi*V*(X/ron+(1-X)/roff)+(1-phi)*(af*(exp(min(bf*V,200))-1)-ar*(exp(min(-br*V,200))-1))",
     {"(" LOGISTIC("11604.518121745585/(t_amb>0 ? t_amb : TEMP)*(V-von)") "*(1-X)-" LOGISTIC(
         "-11604.518121745585/(t_amb>0 ? t_amb : TEMP)*(V+voff)") "*X)/tau"}},
    {"qpc",
     "7.748091729e-5*(V*(floor(X)+(" QPC_STEP("X-floor(X)") "-" QPC_STEP(
         "0") ")/"
              "(" QPC_STEP("1") "-" QPC_STEP("0") "))+V+(ln(1+exp(min(alpha*(phi-0.5*V),200)))-"
                                                  "ln(1+exp(min(alpha*(phi+0.5*V),200))))/alpha)",
     {"V>0 ? k_set*max(V/v_set-1,0)**a_set : -k_reset*max(V/v_reset-1,0)**a_reset"}},
    {"diffusive_usc",
     "V/(ron*" USC_FILLED "+roff*(exp((1-" USC_FILLED ")/length)-1)/(exp(1/length)-1))",
     {"(" USC_SUM "*(" USC_SUM ">0 ? min((1-X-Y)*1e3,1) : 1)-(beta*X-gamma2*Y))",
      "beta*X-gamma2*Y"}},
    {"mtj",
     "V/(rp*(1+0.5*tmr/(1+(V/vh)**2)*(1-X)))",
     {"2.211e5*alpha/(1+alpha**2)*hk*(1-X*X)*(X+I/ic0)"}},
    {"diffusive",
     "(V<0 ? -1 : 1)*" WANG_U "*(" WANG_LOW "+" WANG_HIGH "*" WANG_U ")",
     {"a*exp(min(" WANG_KT "*((V<0 ? alpha_n : alpha_p)*" WANG_U "-(V<0 ? ea0_n : ea0_p)),200))-"
      "b/max(X,phi_a)**3*exp(-(V<0 ? ea1_n : ea1_p)*" WANG_KT ")",
      "X>phi_a ? (gap_a-Y)/t_close : 0.5*k_gap**2/max(Y-gap_a,1e-12)"}},
    {"pcm",
     "V/(ron+(roff*(1+Z/t_drift)**nu-ron)*(1-X)*" LOGISTIC("(vtr-abs(V))/v0") ")",
     {"alpha*(1-X)*" PCM_LAW("Y/tx-1") "*" PCM_LAW("1-Y/tm") "-beta*X*" PCM_LAW("Y/tm-1"),
      "(V*I+g_th*(tr-Y))/c_th", "Y<tx ? 1 : (age0-Z)/t_forget"}},
};

static const form *form_of(const pn_memristor *m)
{
  for (size_t k = 0; k < sizeof forms / sizeof *forms; k++)
    if (!strcmp(forms[k].model, m->name))
      return &forms[k];
  return NULL;
}

/* ---- words ---- */

/* A subcircuit's parameter: of the model's name, but for what ngspice takes otherwise (m multiplies instances,
 * limit draws numbers), or p3 in users' models, whose names may mean anything. */
static const char *param_word(const pn_memristor *m, int k, char *buf)
{
  const char *name = m->params[k].name;
  if (m->user)
    snprintf(buf, ROOM, "p%d", k);
  else
    snprintf(buf, ROOM, "%s%s", name, !strcmp(name, "m") || !strcmp(name, "limit") ? "_own" : "");
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
  char name[ROOM];
  int param;
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
    else if (n == 1 && *text >= 'X' && *text <= 'Z')
      put_state(w, m, *text - 'X');
    else if (pn_str_eq(word, PN_STR("TEMP")))
      pn_expand_put(w, "({celsius}+273.15)");
    else if (pn_str_eq(word, PN_STR("I"))) {
      pn_expand_put(w, "(");
      put_text(w, m, current, NULL);
      pn_expand_put(w, ")");
    } else if ((param = pn_param_find(m->params, m->n_params, word)) >= 0)
      pn_expand_put(w, "{%s}", param_word(m, param, name));
    else
      pn_expand_put(w, "%.*s", (int)n, text);
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
