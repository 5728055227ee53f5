/* Every allocation may fail: three netlists are loaded and run with the k-th allocation
 * failing, for every k. Each time an error must come back and nothing may be left.
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

int main(void)
{
  Suite *s = suite_create("allocation");
  TCase *t = tcase_create("the k-th allocation fails");
  tcase_set_timeout(t, 0);
  tcase_add_test(t, a_divider_survives);
  tcase_add_test(t, a_resonator_survives);
  tcase_add_test(t, a_crossbar_survives);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_set_fork_status(r, CK_NOFORK);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
