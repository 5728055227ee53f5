/* Memory for large arrays. */
#ifndef PN_BASE_LARGE_H
#define PN_BASE_LARGE_H

#include <stddef.h>

/* Zeroed, aligned to 64 bytes from half a megabyte on and to 16 below, for pn_large_free. Large arrays
 * begin on a huge page of their own; pages that nobody touches cost nothing. NULL: no memory. */
void *pn_large_alloc(size_t n, size_t size);
void pn_large_free(void *p); /* NULL too */

#endif
