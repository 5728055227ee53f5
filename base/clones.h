/* Loops that are compiled for several processors; the fastest is chosen at run time. */
#ifndef PN_BASE_CLONES_H
#define PN_BASE_CLONES_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define PN_CLONES __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#else
#define PN_CLONES /* sanitizers start after ifuncs are resolved; other compilers and machines */
#endif

#endif
