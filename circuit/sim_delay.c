/* The past of transmission lines: the waves that left their ends at accepted points, as far back as
 * their delay, read by cubic interpolation. Where a wave has a corner or jumps, no polynomial runs
 * across, and the integrator is told to stop when it arrives at the other end. */
#include "circuit/private.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

/* A line remembers at most so many points: beyond, those that crowd together go. */
enum { MOST_POINTS = 1 << 15, FIRST_ROOM = 64, MOST_WAVES = 4, KEEP = 3 };

/* What is known of a point. PERHAPS: the integrator restarted there; whether the wave has a corner shows
 * a quarter of the delay later. */
enum { SMOOTH, PERHAPS, CORNER };
#define DECIDE 0.25

/* |jump| or |change of slope| * delay / 4 that counts, relative to the largest wave seen. */
#define LEAST_CORNER 1e-5

struct pn_past {
  double delay;
  int n, room;
  double *t;           /* [room] s, ascending; twice the same time where a wave jumps */
  double *w;           /* [room][n_waves] */
  unsigned char *kind; /* [room] */
  double open_since;   /* s, the first point that is PERHAPS; INFINITY */
  int sharp;           /* points that are not SMOOTH */
  double most;         /* the largest |w| so far */
};

static void read_instance(const pn_sim *s, int batch, int place, double *p, double *u)
{
  const pn_batch *b = &s->c->batches.at[batch];
  const pn_columns *par = &s->run[batch].par;
  for (int k = 0; k < par->n_total; k++)
    p[k] = par->column[k] < 0 ? par->uniform[k] : par->at[par->column[k]][place];
  for (int k = 0; u && k < b->cls->n_locals; k++)
    u[k] = s->y[b->map[(size_t)k * (size_t)b->n_pad + (size_t)place]];
}

void pn_past_free(pn_sim *s)
{
  for (size_t k = 0; s->run && k < s->c->batches.n; k++) {
    pn_past *p = s->run[k].past;
    for (int i = 0; p && i < s->c->batches.at[k].n; i++) {
      free(p[i].t);
      free(p[i].w);
      free(p[i].kind);
    }
    free(p);
    s->run[k].past = NULL;
  }
}

double pn_sim_shortest_delay(const pn_sim *s)
{
  double least = INFINITY;
  for (size_t k = 0; k < s->c->batches.n; k++)
    for (int i = 0; s->run[k].past && i < s->c->batches.at[k].n; i++)
      least = fmin(least, s->run[k].past[i].delay);
  return least;
}

long pn_past_points(const pn_sim *s)
{
  long points = 0;
  for (size_t k = 0; k < s->c->batches.n; k++)
    for (int i = 0; s->run[k].past && i < s->c->batches.at[k].n; i++)
      points += s->run[k].past[i].n;
  return points;
}

/* ---- the store ---- */

static bool grow(pn_past *p, int waves)
{
  int room = p->room ? 2 * p->room : FIRST_ROOM;
  double *t = realloc(p->t, (size_t)room * sizeof *t);
  p->t = t ? t : p->t;
  double *w = realloc(p->w, (size_t)(room * waves) * sizeof *w);
  p->w = w ? w : p->w;
  unsigned char *kind = realloc(p->kind, (size_t)room);
  p->kind = kind ? kind : p->kind;
  if (!t || !w || !kind)
    return false;
  p->room = room;
  return true;
}

static void move_point(pn_past *p, int waves, int from, int to)
{
  p->t[to] = p->t[from];
  p->kind[to] = p->kind[from];
  memcpy(p->w + to * waves, p->w + from * waves, (size_t)waves * sizeof *p->w);
}

static void count_kinds(pn_past *p)
{
  p->open_since = INFINITY;
  p->sharp = 0;
  for (int k = p->n - 1; k >= 0; k--) {
    p->sharp += p->kind[k] != SMOOTH;
    if (p->kind[k] == PERHAPS)
      p->open_since = p->t[k];
  }
}

/* Forgets what nobody asks for any more at times beyond t. */
static void forget(pn_past *p, int waves, double t)
{
  int old = 0;
  while (old + KEEP < p->n && p->t[old + KEEP] < t - p->delay)
    old++;
  for (int k = old; k < p->n; k++)
    move_point(p, waves, k, k - old);
  p->n -= old;
  count_kinds(p);
}

/* Points that crowd closer than half of what fits into the delay go, but for the latest; corners and jumps
 * too with `all`. */
static void thin(pn_past *p, int waves, bool all)
{
  double space = 2 * p->delay / MOST_POINTS;
  int n = 0;
  for (int k = 0; k < p->n; k++) {
    bool sharp = p->kind[k] != SMOOTH || (k + 1 < p->n && p->t[k + 1] == p->t[k]);
    bool crowded = n > 0 && k + 8 < p->n && p->t[k] - p->t[n - 1] < space;
    if (!crowded || (sharp && !all))
      move_point(p, waves, k, n++);
  }
  p->n = n;
  count_kinds(p);
}

static bool make_room(pn_past *p, int waves, double t)
{
  if (p->n < p->room)
    return true;
  forget(p, waves, t);
  if (2 * p->n < p->room)
    return true;
  if (p->room < MOST_POINTS)
    return grow(p, waves);
  thin(p, waves, false);
  if (p->n == p->room)
    thin(p, waves, true);
  return true;
}

/* ---- corners ---- */

/* Slope at point k of the parabola through it and the points i and j. */
static double slope_at(const pn_past *p, int waves, int wave, int k, int i, int j)
{
  double a = p->t[i] - p->t[k], b = p->t[j] - p->t[k];
  double fa = (p->w[i * waves + wave] - p->w[k * waves + wave]) / a;
  double fb = (p->w[j * waves + wave] - p->w[k * waves + wave]) / b;
  return i == j ? fa : (fa * b - fb * a) / (b - a);
}

/* The point nearest to the middle between k and end, neither of them; end when there is none. */
static int middle(const pn_past *p, int k, int end)
{
  int step = end > k ? 1 : -1, best = end;
  double half = 0.5 * (p->t[k] + p->t[end]);
  for (int m = k + step; m != end; m += step)
    if (p->t[m] != p->t[k] && p->t[m] != p->t[end] &&
        (best == end || fabs(p->t[m] - half) < fabs(p->t[best] - half)))
      best = m;
  return best;
}

/* Is there a corner at point k, now that points up to the last are known? */
static bool is_corner(const pn_past *p, int waves, int k)
{
  int last = p->n - 1, before = k > 0 && p->t[k - 1] == p->t[k] ? k - 1 : k, early = before;
  while (early > 0 && p->kind[early] != CORNER && p->t[early - 1] < p->t[early] &&
         p->t[early - 1] >= p->t[k] - DECIDE * p->delay)
    early--;
  for (int w = 0; w < waves; w++) {
    if (fabs(p->w[k * waves + w] - p->w[before * waves + w]) > LEAST_CORNER * p->most)
      return true;
    double was = early < before ? slope_at(p, waves, w, before, early, middle(p, before, early))
                                : 0.0;
    double is = slope_at(p, waves, w, k, last, middle(p, k, last));
    if (fabs(is - was) * DECIDE * p->delay > LEAST_CORNER * p->most)
      return true;
  }
  return false;
}

static void decide(pn_past *p, int waves)
{
  if (!(p->t[p->n - 1] - p->open_since >= DECIDE * p->delay))
    return;
  for (int k = 0; k < p->n; k++)
    if (p->kind[k] == PERHAPS && p->t[p->n - 1] - p->t[k] >= DECIDE * p->delay)
      p->kind[k] = is_corner(p, waves, k) ? CORNER : SMOOTH;
  count_kinds(p);
}

static bool add(pn_past *p, int waves, double t, const double *w, bool corner)
{
  if (!make_room(p, waves, t))
    return false;
  int last = p->n - 1;
  /* A third value at one time takes the place of the second. */
  bool again = last > 0 && p->t[last] == t && p->t[last - 1] == t;
  int k = again ? last : p->n++;
  bool twin = !again && last >= 0 && p->t[last] == t;
  p->t[k] = t;
  p->kind[k] = corner ? PERHAPS : SMOOTH;
  if (twin) { /* the corner is the later of both */
    if (p->kind[last] > p->kind[k])
      p->kind[k] = p->kind[last];
    p->kind[last] = SMOOTH;
  }
  if (corner || twin || again)
    count_kinds(p);
  memcpy(p->w + k * waves, w, (size_t)waves * sizeof *w);
  for (int m = 0; m < waves; m++)
    p->most = fmax(p->most, fabs(w[m]));
  decide(p, waves);
  return true;
}

double pn_past_next_corner(const pn_sim *s, double t)
{
  double next = INFINITY;
  for (size_t k = 0; k < s->c->batches.n; k++)
    for (int i = 0; s->run[k].past && i < s->c->batches.at[k].n; i++) {
      const pn_past *p = &s->run[k].past[i];
      int m = p->sharp ? 0 : p->n;
      while (m < p->n && (p->kind[m] == SMOOTH || p->t[m] + p->delay <= t))
        m++;
      if (m < p->n)
        next = fmin(next, p->t[m] + p->delay);
    }
  return next;
}

bool pn_past_jumps(const pn_sim *s, double t)
{
  double interval = 4 * DBL_EPSILON * fabs(t);
  for (size_t k = 0; k < s->c->batches.n; k++) {
    int waves = s->c->batches.at[k].cls->n_waves;
    for (int i = 0; s->run[k].past && i < s->c->batches.at[k].n; i++) {
      const pn_past *p = &s->run[k].past[i];
      for (int m = p->sharp ? 1 : p->n; m < p->n; m++)
        if (p->kind[m] != SMOOTH && p->t[m] == p->t[m - 1] &&
            fabs(p->t[m] + p->delay - t) <= interval)
          for (int w = 0; w < waves; w++)
            if (fabs(p->w[m * waves + w] - p->w[(m - 1) * waves + w]) > LEAST_CORNER * p->most)
              return true;
    }
  }
  return false;
}

/* ---- reading ---- */

/* The waves at time t: the polynomial through up to two points on either side, as far as the stretch
 * between corners has them (Neville's scheme). */
static void read_waves(const pn_past *p, int waves, double t, double *w)
{
  int lo = 0, hi = p->n;
  while (hi - lo > 1) {
    int mid = lo + (hi - lo) / 2;
    if (p->t[mid] <= t)
      lo = mid;
    else
      hi = mid;
  }
  if (lo + 1 >= p->n || t <= p->t[lo]) {
    memcpy(w, p->w + lo * waves, (size_t)waves * sizeof *w);
    return;
  }
  int first = lo, last = lo + 1;
  first -= lo > 0 && p->kind[lo] == SMOOTH && p->t[lo - 1] < p->t[lo];
  last += last + 1 < p->n && p->kind[last] == SMOOTH && p->t[last + 1] > p->t[last];
  if (p->t[last] == p->t[last - 1]) /* a jump ends the stretch */
    last--;
  for (int m = 0; m < waves; m++) {
    double at[4] = {0};
    int n = last - first + 1;
    for (int k = 0; k < n; k++)
      at[k] = p->w[(first + k) * waves + m];
    for (int order = 1; order < n; order++)
      for (int k = 0; k + order < n; k++) {
        double a = p->t[first + k], b = p->t[first + k + order];
        at[k] = ((t - a) * at[k + 1] + (b - t) * at[k]) / (b - a);
      }
    w[m] = at[0];
  }
}

void pn_past_fetch(pn_sim *s, double t)
{
  for (size_t k = 0; k < s->c->batches.n; k++) {
    const pn_batch *b = &s->c->batches.at[k];
    const pn_past *past = s->run[k].past;
    for (int i = 0; past && i < b->n_pad; i++) {
      const pn_past *p = &past[i < b->n ? i : b->n - 1];
      /* A step ends before a jump arrives, what follows begins after it. */
      double side = 4 * DBL_EPSILON * (t > p->t[p->n - 1] ? -fabs(t) : fabs(t)), w[MOST_WAVES];
      read_waves(p, b->cls->n_waves, t - p->delay + side, w);
      for (int m = 0; m < b->cls->n_waves; m++)
        s->run[k].hist[(size_t)m * (size_t)b->n_pad + (size_t)i] = w[m];
    }
  }
}

/* ---- writing ---- */

static pn_status add_all(pn_sim *s, double t, const double *y, bool corner)
{
  if (y)
    memcpy(s->y, y, (size_t)s->c->n * sizeof *y);
  s->y[s->c->n] = 0;
  for (size_t k = 0; k < s->c->batches.n; k++) {
    const pn_batch *b = &s->c->batches.at[k];
    double *p = s->block, *u = p + s->run[k].par.n_total, w[MOST_WAVES];
    for (int i = 0; s->run[k].past && i < b->n; i++) {
      read_instance(s, (int)k, i, p, u);
      if (y)
        b->cls->waves(b->cls, p, u, w);
      else
        b->cls->first_waves(b->cls, p, w);
      if (!add(&s->run[k].past[i], b->cls->n_waves, t, w, corner))
        return PN_E_MEMORY;
    }
  }
  return PN_OK;
}

pn_status pn_sim_past_start(pn_sim *s, double t, const double *y)
{
  pn_past_free(s);
  pn_status st = s->linear_stale ? pn_sim_stamp_linear(s) : PN_OK;
  for (size_t k = 0; k < s->c->batches.n && !st; k++) {
    const pn_batch *b = &s->c->batches.at[k];
    if (!b->cls->n_waves)
      continue;
    s->run[k].past = calloc((size_t)b->n, sizeof *s->run[k].past);
    if (!s->run[k].past)
      return PN_E_MEMORY;
    for (int i = 0; i < b->n; i++) {
      read_instance(s, (int)k, i, s->block, NULL);
      s->run[k].past[i].delay = b->cls->delay(b->cls, s->block);
    }
  }
  return st ? st : add_all(s, t, y, true);
}

pn_status pn_sim_past_add(pn_sim *s, double t, const double *y, bool corner)
{
  return add_all(s, t, y, corner);
}

bool pn_circuit_has_delays(const pn_circuit *c, int *device)
{
  for (size_t k = 0; k < c->batches.n; k++)
    if (c->batches.at[k].cls->n_waves) {
      *device = pn_batch_device(c, &c->batches.at[k], 0);
      return true;
    }
  return false;
}

/* ---- small signals ---- */

void pn_delay_small_signal(pn_sim *s, int batch, double complex at)
{
  enum { MOST_PAIRS = 2048 };
  const pn_batch *b = &s->c->batches.at[batch];
  double complex j[MOST_PAIRS];
  for (int i = 0; i < b->n && b->cls->n_pairs <= MOST_PAIRS; i++) {
    read_instance(s, batch, i, s->block, NULL);
    memset(j, 0, (size_t)b->cls->n_pairs * sizeof *j);
    b->cls->small_signal(b->cls, s->block, at, j);
    for (int m = 0; m < b->cls->n_pairs; m++)
      s->mc[b->slot[(size_t)m * (size_t)b->n_pad + (size_t)i]] += j[m];
  }
}
