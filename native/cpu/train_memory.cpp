#include "train.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

// Other C libraries have no such call, and keep less.
void forge_trim_heap() {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
