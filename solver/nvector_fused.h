/* A serial N_Vector whose hot kernels are fused and vectorised. Private to solver/. */
#ifndef PN_SOLVER_NVECTOR_FUSED_H
#define PN_SOLVER_NVECTOR_FUSED_H

#include <sundials/sundials_nvector.h>

/* NULL when memory ends. Clones inherit the kernels. */
N_Vector pn_nvector_new(int n, SUNContext ctx);

#endif
