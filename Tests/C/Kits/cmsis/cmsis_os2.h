/* SPDX-License-Identifier: Apache-2.0 */
/* cmsis_os2.h - what the port uses of CMSIS-RTOS2, with its signatures. */
#ifndef STAND_IN_CMSIS_OS2_H
#define STAND_IN_CMSIS_OS2_H

#include <stdint.h>

#define osMutexRecursive 1u
#define osMutexPrioInherit 2u
#define osWaitForever 0xFFFFFFFFu

typedef enum { osOK = 0 } osStatus_t;
typedef void *osMutexId_t;
typedef struct {
    const char *name;
    uint32_t attr_bits;
    void *cb_mem;
    uint32_t cb_size;
} osMutexAttr_t;
osMutexId_t osMutexNew(const osMutexAttr_t *attr);
osStatus_t osMutexAcquire(osMutexId_t mutex_id, uint32_t timeout);
osStatus_t osMutexRelease(osMutexId_t mutex_id);
osStatus_t osMutexDelete(osMutexId_t mutex_id);

#endif
