/* Runs of made netlists, and the pinched loops of memristors found with them. */
#include "api/simulate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PERIODS = 3, MOST_ROWS = 20000 };

static void begin(void *user, const pinch_result *r)
{
  pn_table *t = user;
  if (!t->n_columns)
    t->n_columns = r->n_columns;
}

static void point(void *user, const double *row)
{
  pn_table *t = user;
  if (t->status)
    return;
  if (t->n == t->room) {
    long room = t->room ? 2 * t->room : 256;
    double *at = realloc(t->at, (size_t)room * (size_t)t->n_columns * sizeof *at);
    if (!at) {
      t->status = PN_E_MEMORY;
      return;
    }
    t->at = at;
    t->room = room;
  }
  memcpy(t->at + t->n * t->n_columns, row, (size_t)t->n_columns * sizeof *row);
  t->n++;
}

static void end(void *user, bool complete)
{
  ((pn_table *)user)->complete = complete;
}

static bool interrupted(void *user)
{
  const pn_table *t = user;
  return t->status || (t->most && t->n > t->most);
}

pn_status pn_simulate(const char *text, long most, const pn_listener *l, pn_table *out)
{
  *out = (pn_table){.most = most};
  pinch_load_options lo = pinch_load_options_default();
  lo.message = l->message;
  lo.user = l->user;
  lo.untrusted = true;
  pinch_circuit *c;
  int st = pinch_load_text(text, strlen(text), "model", &lo, &c);
  if (st)
    return (pn_status)st;
  pinch_run_options ro = pinch_run_options_default();
  ro.result_begin = begin;
  ro.result_point = point;
  ro.result_end = end;
  ro.interrupted = interrupted;
  ro.user = out;
  st = pinch_run(c, &ro);
  pinch_circuit_free(c);
  return out->status ? out->status : (pn_status)st;
}

void pn_table_free(pn_table *t)
{
  free(t->at);
  *t = (pn_table){0};
}

double pn_table_at(const pn_table *t, int column, double x)
{
  long low = 0, high = t->n - 1;
  if (t->n == 0)
    return NAN;
  while (high - low > 1) {
    long mid = (low + high) / 2;
    if (t->at[mid * t->n_columns] <= x)
      low = mid;
    else
      high = mid;
  }
  const double *a = t->at + low * t->n_columns, *b = t->at + high * t->n_columns;
  double u = b[0] > a[0] ? (x - a[0]) / (b[0] - a[0]) : 0;
  u = u < 0 ? 0 : u > 1 ? 1 : u;
  return a[column] + u * (b[column] - a[column]);
}

void pn_loop_netlist(const pn_memristor *m, pn_drive d, int periods, char *text, size_t room)
{
  int n = snprintf(text, room,
                   "%s under a sine\n"
                   "v1 a 0 sin(0 %g %g)\n"
                   "n1 a 0 cell\n"
                   ".model cell %s\n"
                   ".tran %g %g\n"
                   ".save v(a) @n1[i]",
                   m->name, d.amplitude, d.frequency, m->name, 1 / (400 * d.frequency),
                   periods / d.frequency);
  for (int k = 0; k < m->n_states && n > 0 && (size_t)n < room; k++)
    n += snprintf(text + n, room - (size_t)n, " @n1[%s]", m->states[k].name);
  if (n > 0 && (size_t)n < room)
    snprintf(text + n, room - (size_t)n, "\n.end\n");
}

/* |loop integral of i dv| of each half period, over twice the largest |i| and |v|. */
static double area_of(const pn_table *t, pn_drive d)
{
  enum { N = 400 };
  double from = (PERIODS - 1) / d.frequency, half[2] = {0, 0}, largest = 0;
  double v0 = pn_table_at(t, 1, from), i0 = pn_table_at(t, 2, from);
  for (int k = 1; k <= N; k++) {
    double at = from + k / (N * d.frequency);
    double v = pn_table_at(t, 1, at), i = pn_table_at(t, 2, at);
    half[2 * k > N] += 0.5 * (i + i0) * (v - v0);
    largest = fmax(largest, fabs(i));
    v0 = v;
    i0 = i;
  }
  return largest > 0 ? (fabs(half[0]) + fabs(half[1])) / (2 * d.amplitude * largest) : NAN;
}

double pn_loop_area(const pn_memristor *m, pn_drive d)
{
  char text[1024];
  pn_listener quiet = {NULL, NULL};
  pn_table t;
  pn_loop_netlist(m, d, PERIODS, text, sizeof text);
  pn_status st = pn_simulate(text, MOST_ROWS, &quiet, &t);
  double area = st ? NAN : area_of(&t, d);
  pn_table_free(&t);
  return area;
}

pn_drive pn_loop_drive(const pn_memristor *m)
{
  enum { LOWEST = -4, N = 18 }; /* decades of frequency */
  pn_drive best = {0.5 * m->v_max, 1};
  double most = -1;
  if (m->loop_f > 0)
    return (pn_drive){m->loop_v, m->loop_f};
  for (double part = 1; part > 0.2; part /= 2) {
    double area[N];
    for (int k = 0; k < N; k++)
      area[k] = pn_loop_area(m, (pn_drive){part * m->v_max, pow(10, LOWEST + k)});
    for (int k = N - 3; k >= 0; k--)
      if (area[k] - area[k + 2] > 1.2 * most) { /* clearly: rounding must not choose */
        most = area[k] - area[k + 2];
        best = (pn_drive){part * m->v_max, pow(10, LOWEST + k)};
      }
  }
  return best;
}
