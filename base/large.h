/* Memory for large arrays. */
#ifndef PN_BASE_LARGE_H
#define PN_BASE_LARGE_H

#include <stddef.h>

/* As calloc, to be freed by free; arrays of megabytes ask the kernel for huge pages. Pages that nobody
 * touches cost nothing. */
void *pn_large_alloc(size_t n, size_t size);

#endif
