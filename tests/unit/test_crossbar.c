/* Claims about crossbars: every linear solver gives the same answer, arrays give what their flat
 * equivalents give, and what conjugate gradients cannot do is left to KLU. */
#include "last_point.h"

#include <math.h>
#include <stdlib.h>

enum { TEXT = 1 << 20 };

static void run(const char *text, const char *solver, result *r)
{
  size_t room = strlen(text) + 64;
  char *whole = malloc(room);
  snprintf(whole, room, "title\n%s\n.options linsol=%s\n.end\n", text, solver);
  run_to_last(whole, 0, r);
  free(whole);
}

static void same(const result *a, const result *b, double tolerance)
{
  double largest = 0;
  ck_assert_int_eq(a->n, b->n);
  for (int k = 0; k < a->n; k++)
    largest = fmax(largest, fabs(a->value[k]));
  for (int k = 0; k < a->n; k++)
    ck_assert_double_le(fabs(a->value[k] - b->value[k]),
                        tolerance * fmax(fabs(a->value[k]), 1e-6 * largest));
}

/* Arrays with all there is: ends, series cells, floating lines, one row, drivers with resistance. */
static const char *const arrays[] = {
    "Yxbar x a[0:15] b[0:11] cell=r rw=1 rb=2 g=lognormal(20u,1.5)\nVa a[0:15] 0 0.2\nVb b[0:11] 0 "
    "0",
    "Yxbar x a[0:8] b[0:19] cell=r rw=3 rb=1 g=lognormal(1m,1) wl_end=both bl_end=50\n"
    "Va a[0:8] d[0:8] 0.2\nRd d[0:8] 0 10\nRb b[0:19] 0 20",
    "Yxbar x a[0:7] b[0:7] cell=r rw=1 rb=1 g=uniform(1u,100u)\nVa a[3] 0 1\nVb b[4] 0 0",
    "Yxbar x a b[0:5] cell=r rw=1 rb=1 g=50u\nVa a 0 1\nVb b[0:5] 0 0",
    "Yxbar x a[0:5] b cell=r rw=1 rb=1 g=50u\nVa a[0:5] 0 1\nVb b 0 0",
    "Yxbar x a[0:9] b[0:9] cell=taox rw=1 rb=1 x0=uniform(0.1,0.9)\nVa a[0:9] 0 0.2\nVb b[0:9] 0 0",
    ".model sel memristor (state=s i={1u*sinh(5*v)} g={-s})\n"
    "Yxbar x a[0:6] b[0:6] cell=taox+sel rw=1 rb=1 x0=0.5\nVa a[0:6] 0 0.6\nVb b[0:6] 0 0",
    "Yxbar x a[0:9] b[0:7] cell=r rw=1 rb=1 g=lognormal(50u,1)\nVa[0:9] a[0:9] 0 0.3 rser=0\n"
    "Vb[0:6] b[0:6] 0 0 rser=2\nVb[7] b[7] 0 0 rser=1e15",
    "Yxbar x a[0:6] b[0:6] cell=r rw=1 rb=1 g=1m\nIa 0 a[2] 1m\nVb b[0:6] 0 0",
    "Yxbar x a[0:6] b[0:6] cell=r rw=1 rb=1 g=1m\nVa a[0:6] 0 1\n"
    "Eo b[0:6] 0 0 n[0:6] 1e4\nRf b[0:6] n[0:6] 1k\nRn n[0:6] x.b[3][2] 10",
    /* In larger circuits: one supply through a common resistance, transistors as drivers, transimpedance
     * amplifiers, one array behind another. */
    "Yxbar x a[0:8] b[0:6] cell=r rw=1 rb=1 g=lognormal(50u,1)\nVs s 0 0.5\nRs s rail 5\n"
    "Ra rail a[0:8] 20\nVb b[0:6] 0 0",
    ".model n nmos (level=1 vto=0.5 kp=1m)\nYxbar x a[0:7] b[0:6] cell=r rw=1 rb=1 "
    "g=lognormal(50u,1)\n"
    "Vg g 0 3\nVs s 0 0.3\nM[0:7] s g a[0:7] 0 n w=100u l=1u\nVb b[0:6] 0 0",
    "Yxbar x a[0:9] b[0:7] cell=r rw=2 rb=1 g=lognormal(50u,1) wl_end=both\nVa p[0:9] 0 0.2\n"
    "Ra p[0:9] a[0:9] 50\nEo o[0:7] 0 0 b[0:7] 1e5\nRf b[0:7] o[0:7] 1k",
    "Yxbar x a[0:6] b[0:4] cell=r rw=1 rb=1 g=lognormal(1m,1)\nVa a[0:6] 0 0.3\n"
    "Gt 0 c[0:4] b[0:4] 0 1m\nRt b[0:4] 0 100\nRc c[0:4] 0 1k\n"
    "Yxbar z c[0:4] d[0:3] cell=r rw=1 rb=1 g=1m\nRd d[0:3] 0 10",
};
enum { BORDERED_FROM = 10 };

START_TEST(solvers_agree)
{
  char text[4096];
  result *klu = malloc(sizeof *klu), *other = malloc(sizeof *other);
  snprintf(text, sizeof text, "%s\n.op\n.save all v(x.w[0:0][0:0]) i(x.n[0][0])", arrays[_i]);
  run(text, "klu", klu);
  ck_assert_ptr_nonnull(strstr(klu->log, "KLU"));
  static const char *const names[] = {"auto", "crossbar", "forest"};
  for (int k = 0; k < 3; k++) {
    run(text, names[k], other);
    same(klu, other, 1e-9);
  }
  free(klu);
  free(other);
}
END_TEST

/* Lines conduct so much better than cells that the first step of an iteration is all but right. */
START_TEST(cells_of_good_lines_are_as_exact)
{
  static const char *const text =
      "Yxbar x a[0:47] b[0:47] cell=r rw=0.1 rb=0.1 g=uniform(10n,1u)\nVa a[0:47] 0 0.2\n"
      "Vb b[0:47] 0 0\n.op\n.save i(vb[0:47])";
  result *klu = malloc(sizeof *klu), *other = malloc(sizeof *other);
  run(text, "klu", klu);
  run(text, "crossbar", other);
  same(klu, other, 1e-11);
  run(text, "forest", other);
  same(klu, other, 1e-11);
  free(klu);
  free(other);
}
END_TEST

START_TEST(the_crossbar_solver_is_chosen)
{
  char text[4096];
  result *r = malloc(sizeof *r);
  for (int k = 0; k < 8; k++) {
    if (k == 1)
      continue; /* lines driven at both ends through a resistance close a loop */
    snprintf(text, sizeof text, "%s\n.op", arrays[k]);
    run(text, "auto", r);
    ck_assert_msg(strstr(r->log, "crossbar") && !strstr(r->log, "left to"), "%d: %s", k, r->log);
  }
  free(r);
}
END_TEST

/* Circuits around arrays are left to KLU, not the arrays. */
START_TEST(larger_circuits_border_the_arrays)
{
  char text[4096];
  result *r = malloc(sizeof *r);
  snprintf(text, sizeof text, "%s\n.op", arrays[_i]);
  run(text, "crossbar", r);
  ck_assert_msg(strstr(r->log, "crossbar") && !strstr(r->log, "left to"), "%s", r->log);
  free(r);
}
END_TEST

/* A cell of negative conductance and one that shorts its lines, among positive ones. */
START_TEST(a_few_odd_cells_are_put_aside)
{
  static const char *const text =
      ".model ndr memristor (state=s i={1m*v-1.2m*v*v*v/(0.1+v*v)} g={-s})\n"
      "Yxbar x a[0:9] b[0:9] cell=r rw=1 rb=1 g=lognormal(100u,1)\nVa a[0:9] 0 0.5\nVb b[0:9] 0 0\n"
      "N1 x.w[3][4] x.b[3][4] ndr\nR1 x.w[7][2] x.b[7][2] 1u\n.op";
  result *klu = malloc(sizeof *klu), *other = malloc(sizeof *other);
  run(text, "klu", klu);
  run(text, "crossbar", other);
  same(klu, other, 1e-9);
  ck_assert_msg(strstr(other->log, "crossbar") && !strstr(other->log, "left to"), "%s", other->log);
  free(klu);
  free(other);
}
END_TEST

/* The same array line by line: 6 x 5. */
START_TEST(flat_and_array_agree)
{
  static char text[TEXT];
  result *array = malloc(sizeof *array), *flat = malloc(sizeof *flat);
  run("Yxbar x a[0:5] b[0:4] cell=r rw=1.5 rb=2.5 g=33u\nVa a[0:5] 0 0.3\nVb b[0:4] 0 0\n.op\n"
      ".save v(x.w[0:5][0:4]) v(x.b[0:5][0:4]) i(va[0:5]) i(vb[0:4])",
      "auto", array);
  int n = 0;
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 5; j++) {
      char from[32], to[32];
      snprintf(from, sizeof from, j ? "w%d_%d" : "a[%d]", i, j - 1);
      snprintf(to, sizeof to, i < 5 ? "b%d_%d" : "b[%d]", i < 5 ? i + 1 : j, j);
      n += snprintf(text + n, sizeof text - (size_t)n,
                    "rw%d_%d %s w%d_%d 1.5\nrb%d_%d b%d_%d %s 2.5\nrc%d_%d w%d_%d b%d_%d {1/33u}\n",
                    i, j, from, i, j, i, j, i, j, to, i, j, i, j, i, j);
    }
  n += snprintf(text + n, sizeof text - (size_t)n, "Va a[0:5] 0 0.3\nVb b[0:4] 0 0\n.op\n.save");
  for (int part = 0; part < 2; part++)
    for (int k = 0; k < 30; k++)
      n += snprintf(text + n, sizeof text - (size_t)n, " v(%c%d_%d)", "wb"[part], k / 5, k % 5);
  snprintf(text + n, sizeof text - (size_t)n, " i(va[0:5]) i(vb[0:4])");
  run(text, "klu", flat);
  same(array, flat, 1e-9);
  free(array);
  free(flat);
}
END_TEST

static void append(void *user, const char *text)
{
  size_t n = strlen(user);
  snprintf((char *)user + n, TEXT - n, "%s", text);
}

/* What pinch expand writes is the same circuit. */
START_TEST(expanded_netlists_agree)
{
  static const char *const array =
      "title\nYxbar x a[0:7] b[0:5] cell=r rw=1 rb=2 g=lognormal(20u,1)\nVa a[0:7] 0 0.2\n"
      "Rb b[0:5] 0 10\n.op\n.save v(b[0:5])\n";
  result *r = malloc(sizeof *r), *flat = malloc(sizeof *flat);
  char *text = calloc(TEXT, 1);
  pinch_circuit *c;
  run(array + strlen("title\n"), "auto", r); /* it has a title of its own there */
  ck_assert_int_eq(pinch_load_text(array, strlen(array), "test", NULL, &c), 0);
  ck_assert_int_eq(pinch_expand(c, append, text), 0);
  pinch_circuit_free(c);
  char *end = strstr(text, ".end");
  ck_assert_ptr_nonnull(end);
  strcpy(end, ".save v(b_0) v(b_1) v(b_2) v(b_3) v(b_4) v(b_5)\n");
  run(strchr(text, '\n') + 1, "klu", flat);
  same(r, flat, 1e-9);
  free(text);
  free(r);
  free(flat);
}
END_TEST

/* Large arrays are shared among threads; odd numbers of rows and columns, a mask of missing cells, two
 * elements in each cell. */
static const char *const large[] = {
    "Yxbar x a[0:282] b[0:520] cell=r rw=1 rb=2 g=lognormal(20u,1)\nVa a[0:282] 0 0.2\n"
    "Vb b[0:520] 0 0",
    ".model sel memristor (state=s i={1u*sinh(5*v)} g={-s})\n"
    "Yxbar x a[0:130] b[0:513] cell=r+sel rw=1 rb=1 r=uniform(10k,1meg) wl_end=both\n"
    "Va a[0:130] 0 0.2\nRb b[0:513] 0 10",
    ".model s memristor (state=s i={s*20u*sinh(2*v)/2} g={0} x0=0.5 xmin=0 xmax=1)\n"
    "Yxbar x a[0:255] b[0:599] cell=s x0=uniform(0.1,0.9) rw=1 rb=1\nVa a[0:255] 0 0.4\n"
    "Vb b[0:599] 0 0"};

START_TEST(threads_change_no_bit)
{
  char text[4096];
  result *one = malloc(sizeof *one), *more = malloc(sizeof *more);
  const char *save = strstr(large[_i], "Rb") ? "v(b[0:513])" : _i ? "i(vb[0:599])" : "i(vb[0:520])";
  static const int threads[] = {2, 5};
  snprintf(text, sizeof text, "%s\n.op\n.save %s v(x.w[100][500])\n.options threads=1", large[_i],
           save);
  run(text, "auto", one);
  ck_assert_msg(strstr(one->log, "crossbar") && !strstr(one->log, "left to"), "%s", one->log);
  for (int k = 0; k < 2; k++) {
    snprintf(text, sizeof text, "%s\n.op\n.save %s v(x.w[100][500])\n.options threads=%d",
             large[_i], save, threads[k]);
    run(text, "auto", more);
    ck_assert_int_eq(one->n, more->n);
    ck_assert_int_eq(memcmp(one->value, more->value, (size_t)one->n * sizeof *one->value), 0);
  }
  run(text, "forest", more);
  same(one, more, 1e-9);
  free(one);
  free(more);
}
END_TEST

/* Cells of two transistors are read through one gate, then through the other, each from the solution that
 * gate had last: what is read does not depend on what was read before, and takes few iterations. */
START_TEST(reads_through_two_gates_do_not_depend_on_their_order)
{
  static const char *const array =
      ".model mem memristor ( state=x x0=0 xmin=0 xmax=1 G={1u*(1-x)+50u*x} g={0} )\n"
      ".model sw mos2fet w=20u\n.subckt cell s bp bn gp gn x0=0.5\nNp s mp mem x0={x0}\n"
      "Nsp mp gp bp sw\nNn s mn mem x0={1-x0}\nNsn mn gn bn sw\n.ends\n"
      "Yxbar x sl[0:5] bp[0:5] bn[0:5] gp[0:5] gn[0:5] cell=cell lines=rccgg rw=1 rb=1\n"
      "+ x0=uniform(0,1) seed=3\nVs[0:5] sl[0:5] 0 0\nVp[0:5] bp[0:5] 0 0\nVn[0:5] bn[0:5] 0 0\n"
      "Vgp[0:5] gp[0:5] 0 0\nVgn[0:5] gn[0:5] 0 0\n.xread x v=0.1 vgate=10 cells=";
  char text[4096];
  result *all = malloc(sizeof *all), *one = malloc(sizeof *one);
  snprintf(text, sizeof text, "%sall", array);
  run(text, "auto", all);
  snprintf(text, sizeof text, "%s(5,11)", array);
  run(text, "auto", one);
  ck_assert_int_ge(all->n, 10); /* cell, row, col, i, i_cell, v_cell, g, ... */
  for (int k = 0; k < 7; k++)
    ck_assert_double_le(fabs(all->value[k] - one->value[k]), 1e-9 * fabs(one->value[k]));
  const char *said = strstr(all->log, "72 cells, ");
  ck_assert_msg(said && atoi(said + 10) < 72 * 8, "%s", all->log);
  free(all);
  free(one);
}
END_TEST

/* Cells of subcircuits: gates driven by sources, gate lines of resistance along rows and columns, drivers, masks,
 * two bit lines, an array of plain cells beside, cells with sources and diodes, one that is negative. */
#define MOS                                                                                        \
  ".model n nmos (level=1 vto=0.5 kp=200u lambda=0.02)\n.subckt cell w b g x0=0.3\nNm w m taox "   \
  "x0={x0}\nMt m g b 0 n w=20u l=1u\n.ends\n.model taox taox\n"
#define MOS2                                                                                       \
  ".model mem memristor ( state=x x0=0 xmin=0 xmax=1 G={1u*(1-x)+50u*x} g={0} )\n.model sw "       \
  "mos2fet w=20u\n"
static const char *const active[] = {
    MOS "Yxbar x a[0:9] b[0:7] g[0:9] cell=cell lines=rcg rw=1 rb=2 x0=uniform(0.1,0.9)\n"
        "Va a[0:9] 0 0.4\nVb b[0:7] 0 0\nVg g[0:9] 0 2",
    MOS
    "Yxbar x a[0:9] b[0:7] g[0:9] cell=cell lines=rcr rw=1 rb=2 x0=uniform(0.1,0.9)\n"
    "Va d[0:9] 0 0.4\nRa d[0:9] a[0:9] 30\nVb b[0:7] 0 0\nRg h[0:9] g[0:9] 100\nVg h[0:9] 0 1.1",
    MOS "Yxbar x a[0:6] b[0:8] g[0:8] cell=cell lines=rch rw=1 rb=2 x0=uniform(0.1,0.9)\n"
        "Va a[0:6] 0 0.4\nVb b[0:4] 0 0.1\nVg g[0:8] 0 1.2\n", /* with floating lines */
    MOS2 ".subckt cell s bp bn gp gn x0=0.5\nNp s mp mem x0={x0}\nNsp mp gp bp sw\n"
         "Nn s mn mem x0={1-x0}\nNsn mn gn bn sw\n.ends\n"
         "Yxbar x s[0:6] p[0:6] q[0:6] g[0:6] h[0:6] cell=cell lines=rccgg rw=1 rb=1\n"
         "+ x0=uniform(0,1) seed=3\nVs s[0:6] 0 0.2\nVp p[0:6] 0 0\nVn q[0:6] 0 0\nVgp g[0:6] 0 8\n"
         "Vgn h[0:6] 0 1.5",
    MOS "Yxbar y c[0:7] d[0:5] cell=r rw=1 rb=1 g=lognormal(100u,1)\nVc c[0:7] 0 0.3\n"
        "Rd d[0:5] a[0:5] 10\n"
        "Yxbar x a[0:5] b[0:7] g[0:5] cell=cell lines=rcg rw=1 rb=2\nVb b[0:7] 0 0\nVg g[0:5] 0 3",
    ".model d d (is=1e-14 n=1.2 rs=10)\n.subckt cell w b g=50u\nVm w m 0\nR1 m k {1/g}\nD1 k b d\n"
    ".ends\nYxbar x a[0:7] b[0:5] cell=cell rw=1 rb=1 g=lognormal(50u,1)\nVa a[0:7] 0 1\nVb b[0:5] "
    "0 0",
    ".subckt cell w b\nR1 w m 10k\nR2 m b 20k\n.ends\n"
    "Yxbar x a[0:7] b[0:5] cell=cell rw=1 rb=1\nVa a[0:7] 0 1\nVb b[0:5] 0 0",
    ".model ndr memristor (state=s i={1m*v-1.2m*v*v*v/(0.1+v*v)} g={-s})\n"
    ".subckt cell w b\nR1 w m 100\nN1 m b ndr\n.ends\n"
    "Yxbar x a[0:4] b[0:4] cell=cell rw=1 rb=1\nVa a[0:4] 0 0.5\nVb b[0:4] 0 0",
};

START_TEST(cells_of_subcircuits_agree)
{
  char text[4096];
  result *klu = malloc(sizeof *klu), *other = malloc(sizeof *other);
  snprintf(text, sizeof text, "%s\n.op\n.save all v(x.w[0:0][0:0])", active[_i]);
  run(text, "klu", klu);
  ck_assert_msg(!strstr(klu->log, "eliminated"), "%s", klu->log);
  run(text, "auto", other);
  same(klu, other, 1e-9);
  run(text, "crossbar", other);
  same(klu, other, 1e-9);
  ck_assert_msg(strstr(other->log, "cells eliminated") && !strstr(other->log, "left to"), "%s",
                other->log);
  free(klu);
  free(other);
}
END_TEST

/* Pulses on one cell: corrections of transients are solved to 1e-4. */
START_TEST(transients_of_cells_of_subcircuits_agree)
{
  static const char *const text = MOS
      ".options method=trbdf2 reltol=1e-4\n"
      "Yxbar x a[0:5] b[0:6] g[0:5] cell=cell lines=rcr rw=1 rb=1 cw=1f cb=1f x0=0.2\n"
      "Va[0:2] a[0:2] 0 pulse(0 0.5 0 10n 10n 1u 2u)\nVa[3] a[3] 0 pulse(0 1 0 10n 10n 1u 2u)\n"
      "Va[4:5] a[4:5] 0 pulse(0 0.5 0 10n 10n 1u 2u)\nVb b[0:6] 0 0\n"
      "Vg[0:2] g[0:2] 0 0\nVg[3] g[3] 0 pulse(0 3 0 10n 10n 1u 2u)\nVg[4:5] g[4:5] 0 0\n"
      ".tran 20n 3u\n.save @x.x3_0.nm[x] @x.x3_6.nm[x] @x.x2_3.nm[x] i(va[3]) v(x.w2[3][6])\n";
  result *klu = malloc(sizeof *klu), *other = malloc(sizeof *other);
  run(text, "klu", klu);
  run(text, "crossbar", other);
  ck_assert_int_eq(klu->n, other->n);
  ck_assert(klu->value[1] > 0.25); /* it has switched */
  for (int k = 0; k < klu->n; k++)
    ck_assert_double_eq_tol(klu->value[k], other->value[k], 2e-5);
  ck_assert_ptr_nonnull(strstr(other->log, "cells eliminated"));
  free(klu);
  free(other);
}
END_TEST

/* More entries on one side of the diagonal than a symmetric matrix could have there. */
START_TEST(controlled_sources_go_to_klu)
{
  enum { N = 40 };
  char text[1 << 16], *to = text;
  to += sprintf(to, "V1 in 0 1\nRin in n0 1k");
  for (int k = 0; k < N; k++) {
    to += sprintf(to, "\nRg%d n%d 0 1k\nRn%d n%d n%d 1meg", k, k, k, k, k + 1);
    for (int m = k + 1; m < N; m++)
      to += sprintf(to, "\nG%d_%d n%d 0 n%d 0 1u", k, m, m, k);
  }
  sprintf(to, "\n.op");
  result *klu = malloc(sizeof *klu), *other = malloc(sizeof *other);
  run(text, "klu", klu);
  run(text, "forest", other);
  ck_assert_msg(strstr(other->log, "left to KLU") && strstr(other->log, "not symmetric"), "%s",
                other->log);
  same(klu, other, 1e-9);
  free(klu);
  free(other);
}
END_TEST

START_TEST(negative_conductances_go_to_klu)
{
  static const char *const text =
      ".model ndr memristor (state=s i={1m*v-1.2m*v*v*v/(0.1+v*v)} g={-s})\n"
      "Yxbar x a[0:4] b[0:4] cell=ndr rw=1 rb=1\nVa a[0:4] 0 0.5\nVb b[0:4] 0 0\n.op";
  result *klu = malloc(sizeof *klu), *other = malloc(sizeof *other);
  run(text, "klu", klu);
  run(text, "crossbar", other);
  same(klu, other, 1e-9);
  ck_assert_ptr_nonnull(strstr(other->log, "left to KLU"));
  ck_assert_ptr_nonnull(strstr(other->log, "negative"));
  free(klu);
  free(other);
}
END_TEST

START_TEST(transients_agree_with_capacitances_everywhere)
{
  static const char *const text =
      "Yxbar x a[0:7] b[0:7] cell=r rw=10 rb=10 g=100u cw=1f cb=1f cx=0.5f\n"
      "Va a[0:7] 0 pulse(0 1 1n 0.1n 0.1n 5n 10n)\nRb b[0:7] 0 1k\n.options method=trbdf2 "
      "reltol=1e-6\n"
      ".tran 0.1n 8n\n.save v(x.w[3][7]) v(b[0:7])";
  result *klu = malloc(sizeof *klu), *other = malloc(sizeof *other);
  run(text, "klu", klu);
  run(text, "auto", other);
  same(klu, other, 1e-5);
  run(text, "crossbar", other);
  for (int k = 0; k < klu->n; k++) /* corrections are solved to 1e-4; vntol is 1 uV */
    ck_assert_double_eq_tol(klu->value[k], other->value[k], 1e-9);
  ck_assert_msg(strstr(other->log, "GMRES") && !strstr(other->log, "left to"), "%s", other->log);
  free(klu);
  free(other);
}
END_TEST

START_TEST(masks_and_targets_reach_the_cells)
{
  result *r = malloc(sizeof *r);
  run("Yxbar x a[0:1] b[0:1] cell=taox g=2m vread=0.1\nVa a[0:1] 0 0.1\nVb b[0:1] 0 0\n.op\n"
      ".save @x.n[0][1][g]",
      "auto", r);
  ck_assert_double_eq_tol(r->value[0], 2e-3, 2e-9);
  free(r);
}
END_TEST

/* A line's resistance as a parameter of a sweep: all segments follow. */
START_TEST(segments_follow_parameters)
{
  result *r = malloc(sizeof *r);
  run(".param rs=1\nYxbar x a b cell=r r=10 rw={rs} rb={rs}\nVa a 0 1\nVb b 0 0\n.dc rs 1 5 4\n"
      ".save i(vb)",
      "auto", r);
  ck_assert_double_eq_tol(r->value[r->n - 1], 1.0 / 20, 1e-9);
  free(r);
}
END_TEST

int main(void)
{
  Suite *s = suite_create("crossbar");
  TCase *t = tcase_create("crossbar");
  tcase_set_timeout(t, 120);
  tcase_add_loop_test(t, solvers_agree, 0, sizeof arrays / sizeof *arrays);
  tcase_add_test(t, cells_of_good_lines_are_as_exact);
  tcase_add_test(t, the_crossbar_solver_is_chosen);
  tcase_add_loop_test(t, larger_circuits_border_the_arrays, BORDERED_FROM,
                      sizeof arrays / sizeof *arrays);
  tcase_add_test(t, a_few_odd_cells_are_put_aside);
  tcase_add_test(t, flat_and_array_agree);
  tcase_add_test(t, expanded_netlists_agree);
  tcase_add_loop_test(t, threads_change_no_bit, 0, sizeof large / sizeof *large);
  tcase_add_test(t, reads_through_two_gates_do_not_depend_on_their_order);
  tcase_add_loop_test(t, cells_of_subcircuits_agree, 0, sizeof active / sizeof *active);
  tcase_add_test(t, transients_of_cells_of_subcircuits_agree);
  tcase_add_test(t, controlled_sources_go_to_klu);
  tcase_add_test(t, negative_conductances_go_to_klu);
  tcase_add_test(t, transients_agree_with_capacitances_everywhere);
  tcase_add_test(t, masks_and_targets_reach_the_cells);
  tcase_add_test(t, segments_follow_parameters);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed != 0;
}
