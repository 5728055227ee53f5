/* Every allocation may fail: a netlist for each kind of analysis is loaded and run with the k-th
 * allocation failing, for every k. Each time an error must come back and nothing may be left.
 * The linker wraps the allocators (see tests/CMakeLists.txt), SuiteSparse gets the wrapped
 * ones too; SUNDIALS' own calls stay outside. */
#include <check.h>
#include <errno.h>
#include <malloc.h>
#include <pinch/pinch.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <SuiteSparse_config.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
int __real_posix_memalign(void **p, size_t alignment, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);
int __wrap_posix_memalign(void **p, size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

/* The live blocks, an open-addressed set: pointers that libc allocated inside itself
 * (getline, fopen) are not in it and pass through. */
enum { SLOTS = 1 << 18 };
static uintptr_t slots[SLOTS]; /* 0 empty, 1 deleted */
static long live;              /* blocks */
static long count;             /* allocations since the start of a trial */
static long fail_at;           /* the allocation that fails; 0: none */

static size_t slot_of(uintptr_t p)
{
  return (size_t)(p * 0x9E3779B97F4A7C15u >> 46);
}

static void *remember(void *p)
{
  if (!p)
    return NULL;
  size_t k = slot_of((uintptr_t)p);
  while (slots[k] > 1)
    k = (k + 1) % SLOTS;
  slots[k] = (uintptr_t)p;
  live++;
  return p;
}

static void forget(const void *p)
{
  for (size_t k = slot_of((uintptr_t)p); slots[k]; k = (k + 1) % SLOTS)
    if (slots[k] == (uintptr_t)p) {
      slots[k] = 1;
      live--;
      return;
    }
}

static bool fails(void)
{
  return ++count == fail_at;
}

void *__wrap_malloc(size_t size)
{
  return fails() ? NULL : remember(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
  return fails() ? NULL : remember(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t size)
{
  /* A block that shrinks stays valid when realloc fails: KLU goes on with it, rightly. */
  bool grows = !p || size > malloc_usable_size(p);
  if (grows && fails())
    return NULL;
  uintptr_t old = (uintptr_t)p;
  void *q = __real_realloc(p, size);
  if (q) {
    forget((const void *)old);
    remember(q);
  }
  return q;
}

void __wrap_free(void *p)
{
  if (p)
    forget(p);
  __real_free(p);
}

int __wrap_posix_memalign(void **p, size_t alignment, size_t size)
{
  if (fails())
    return ENOMEM;
  int status = __real_posix_memalign(p, alignment, size);
  if (status == 0)
    remember(*p);
  return status;
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
  return fails() ? NULL : remember(__real_aligned_alloc(alignment, size));
}

static int points;

static void count_point(void *user, const double *row)
{
  (void)user;
  (void)row;
  points++;
}

static void drop_text(void *user, const char *text)
{
  (void)user;
  (void)text;
}

/* Loads and runs; 0 or the first error. */
static int load_and_run(const char *netlist)
{
  pinch_load_options load = pinch_load_options_default();
  pinch_circuit *c = NULL;
  int status = pinch_load_text(netlist, strlen(netlist), "alloc.cir", &load, &c);
  if (status != 0) {
    ck_assert_ptr_null(c);
    return status;
  }
  pinch_run_options run = pinch_run_options_default();
  run.tables = true;
  run.jobs = 1; /* the count of allocations is one thread's */
  run.text = drop_text;
  run.result_point = count_point;
  status = pinch_run(c, &run);
  pinch_circuit_free(c);
  return status;
}

static void check_every_allocation(const char *netlist)
{
  SuiteSparse_config.malloc_func = __wrap_malloc;
  SuiteSparse_config.calloc_func = __wrap_calloc;
  SuiteSparse_config.realloc_func = __wrap_realloc;
  SuiteSparse_config.free_func = __wrap_free;
  fail_at = 0;
  count = 0;
  points = 0;
  long before = live;
  ck_assert_int_eq(load_and_run(netlist), 0);
  ck_assert_int_eq(live, before);
  ck_assert_int_gt(points, 0);
  long all = count;
  ck_assert_int_gt(all, 10);
  for (long k = 1; k <= all; k++) {
    memset(slots, 0, live == 0 ? sizeof slots : 0);
    count = 0;
    fail_at = k;
    before = live;
    int status = load_and_run(netlist);
    long left = live - before;
    fail_at = 0;
    if (count < k) { /* the first run allocated a little more: caches of libc */
      ck_assert_int_eq(status, 0);
      break;
    }
    ck_assert_msg(status != 0, "allocation %ld of %ld failed and nobody said so", k, all);
    ck_assert_msg(left == 0, "allocation %ld of %ld failed and %ld blocks were lost", k, all, left);
  }
}

START_TEST(a_divider_survives)
{
  check_every_allocation("memristor divider\n.param r=1k\n.func half(x) {x/2}\nv1 a 0 0.4\n"
                         "r1 a b {half(r)}\nn1 b 0 cell x0=0.2\n.model cell taox\n.op\n"
                         ".dc v1 0 0.4 0.1\n.print dc v(b) @n1[x]\n.end\n");
}
END_TEST

START_TEST(a_resonator_survives)
{
  check_every_allocation("resonator\n.subckt tank p params: l=10u\nl1 p 0 {l}\nc1 p 0 1n\n.ends\n"
                         "v1 in 0 dc 0 ac 1 sin(0 1 1meg)\nr1 in a 1k\nx1 a tank l=20u\n"
                         "b1 a 0 i={1u*v(a)*v(a)*v(a)}\n"
                         ".ac dec 3 100k 10meg\n.tran 100n 1u\n.print ac vm(a)\n.end\n");
}
END_TEST

START_TEST(a_crossbar_survives)
{
  check_every_allocation("crossbar 2x2\nv1 w1 0 pulse(0 1 0 10n 10n 100n 200n)\n"
                         "v2 w2 0 pulse(0 0.5 0 10n 10n 100n 200n)\n"
                         "rw1 w1 a1 1\nrw2 a1 a2 1\nrw3 w2 a3 1\nrw4 a3 a4 1\n"
                         "n11 a1 c1 cell\nn12 a2 c2 cell\nn21 a3 c3 cell\nn22 a4 c4 mine\n"
                         "rb1 c1 c3 1\nrb2 c3 0 1\nrb3 c2 c4 1\nrb4 c4 e 1\n"
                         "ve e 0 pulse(0 0.5 0 10n 10n 100n 200n)\n"
                         ".model cell taox (x0=0.1)\n.model mine memristor (state=x x0=0.5\n"
                         "+ xmin=0 xmax=1 G={k*x} g={1e6*v*x*(1-x)} k=1m)\n"
                         ".tran 20n 200n\n.measure tran x11 find @n11[x] at=200n\n"
                         ".measure tran e integ {v(w1)*i(v1)}\n.measure tran twice param='2*x11'\n"
                         ".end\n");
}
END_TEST

START_TEST(transistors_survive)
{
  check_every_allocation(
      "inverter\nvdd vdd 0 3\nvin in 0 pulse(0 3 1n 1n 1n 5n)\nmp out in vdd vdd pm\n"
      "mn out in 0 0 nm\nd1 out 0 dm\n.model nm nmos(tox=20n)\n.model pm pmos(tox=20n)\n"
      ".model dm d(cjo=1p)\n.tran 1n 10n\n.end\n");
}
END_TEST

START_TEST(sweeps_survive)
{
  check_every_allocation("steps\n.param r=1k\nv1 a 0 1\nr1 a b {r}\nr2 b 0 2k\nd1 b 0 dm\n"
                         ".model dm d(is=1e-14)\n.step param r list 1k 2k\n.dc v1 0 1 0.5\n"
                         ".measure dc top max v(b)\n.end\n");
  check_every_allocation(
      "draws\n.param x0='agauss(0.5, 0.05, 3)'\nv1 a 0 0.1\nn1 a 0 cell x0={x0}\n"
      ".model cell taox\n.mc 2 seed=5\n.dc v1 0.1 0.1 0.1\n.measure dc i find i(v1) "
      "at=0.1\n.end\n");
}
END_TEST

START_TEST(small_signals_survive)
{
  check_every_allocation("noise\nv1 in 0 ac 1\nr1 in a 1k\nc1 a 0 1n\nr2 a 0 2k\n"
                         ".noise v(a) v1 dec 2 1k 100k\n.tf v(a) v1\n.end\n");
  check_every_allocation("roots\nv1 in 0 ac 1\nr1 in a 1k\nl1 a b 1u\nc1 b 0 1n\n"
                         ".pz in 0 b 0 vol pz\n.sens v(b)\n.ac dec 1 1k 10k\n.end\n");
}
END_TEST

START_TEST(control_sections_survive)
{
  check_every_allocation(
      "commands\n.param q=1k\nv1 a 0 dc 1 ac 1 sin(0 1 1meg)\nr1 a b {q}\nc1 b 0 1n\n.control\n"
      "set x = ( a b )\ndefine f(p,q) p+q\nop\nlet y = f(v(b),2)\nforeach k 1k 2k\nalter r1 = $k\n"
      "ac dec 1 1k 10k\nmeas ac g find vdb(b) at=2k\nend\nalterparam q = 2k\nreset\nsave v(b)\n"
      "compose z values 1 2 3\nprint z @r1[r] $x[1]\ntran 50n 1u\nlinearize b\nfft b\nprint b[1]\n"
      "setplot tran2\nfourier 1meg v(b)\nunlet y\ndestroy all\nrun\n.endc\n.sens v(b) ac lin 1 1k "
      "1k\n"
      ".tran 50n 1u\n.four 1meg v(b)\n.end\n");
}
END_TEST

START_TEST(arrays_survive)
{
  check_every_allocation("reading\nYxbar xb1 wl[0:1] bl[0:1] cell=r r=10k rw=2 rb=2\n"
                         "Vw[0:1] wl[0:1] 0 0 rser=0\nVb[0:1] bl[0:1] 0 0 rser=0\n"
                         ".xread xb1 v=0.2 scheme=ground name=g\n.end\n");
  check_every_allocation(
      "writing\n.model al vteam ron=5k roff=100k v_on=-0.6 v_off=0.6 k_on=-0.02\n"
      "+ k_off=0.02 alpha_on=3 alpha_off=3 x_on=0 x_off=3n\n"
      "Yxbar xb1 wl[0:3] bl[0:3] cell=al rw=1 rb=1 x0=2n\n"
      "Vw[0:3] wl[0:3] 0 0\nVb[0:3] bl[0:3] 0 0\n"
      ".xprogram xb1 target=netlists/crossbars/write_verify_target.csv vset=-0.7 vreset=0.7 "
      "setstep=20m resetstep=20m\n"
      "+ setmax=1.2 resetmax=1.2 width=100n vread=0.1 tol=0.5 tries=5\n.end\n");
  check_every_allocation(
      "reading by superposition\nYxbar xb1 wl[0:3] bl[0:3] cell=r r=10k rw=2 rb=2\n"
      "Vw[0:3] wl[0:3] 0 0\nVb[0:3] bl[0:3] 0 0\n.xread xb1 v=0.2\n.end\n");
  check_every_allocation("products\nYxbar xb1 wl[0:4] bl[0:3] cell=r r=10k rw=1 rb=2\n"
                         "Vw[0:4] wl[0:4] 0 0\nVb[0:3] bl[0:3] 0 0\n"
                         ".mvm xb1 inputs=netlists/crossbars/mvm_inputs.csv\n"
                         ".xsens xb1 inputs=netlists/crossbars/mvm_inputs.csv output=1\n.end\n");
}
END_TEST

START_TEST(cycles_survive)
{
  check_every_allocation(
      "fading\nv1 a 0 sin(0 0.5 100meg)\nn1 a 0 cell x0=0.2\n"
      ".model cell taox\n.envelope tstop=200n\n.fading n1 points=3 tstop=200n\n.end\n");
  check_every_allocation("shooting\nv1 s 0 sin(0 1 1meg)\nr1 s a 1k\nc1 a 0 100p\n"
                         "b1 a 0 i={1m*v(a)^3}\n.pss\n.end\n");
}
END_TEST

START_TEST(equilibria_survive)
{
  check_every_allocation("tunnel\n.param rs=150\nv1 s 0 0.3\nrb s t {rs}\nl1 t a 1u\nc1 a 0 10p\n"
                         "b1 a 0 i={1m*((v(a)-0.3)^3/(3*0.01)-(v(a)-0.3))}\n.equilibria\n"
                         ".continuation param=rs from=110 to=90\n.end\n");
}
END_TEST

int main(void)
{
  Suite *s = suite_create("allocation");
  TCase *t = tcase_create("the k-th allocation fails");
  tcase_set_timeout(t, 0);
  tcase_add_test(t, a_divider_survives);
  tcase_add_test(t, a_resonator_survives);
  tcase_add_test(t, a_crossbar_survives);
  tcase_add_test(t, transistors_survive);
  tcase_add_test(t, sweeps_survive);
  tcase_add_test(t, small_signals_survive);
  tcase_add_test(t, control_sections_survive);
  tcase_add_test(t, arrays_survive);
  tcase_add_test(t, cycles_survive);
  tcase_add_test(t, equilibria_survive);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_set_fork_status(r, CK_NOFORK);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
