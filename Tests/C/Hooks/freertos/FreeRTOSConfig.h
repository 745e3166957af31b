/* SPDX-License-Identifier: Apache-2.0 */
/* FreeRTOSConfig.h - as a project that is watched has it. */
#define configAPPLICATION_ALLOCATED_HEAP 1
#ifndef configENABLE_HEAP_PROTECTOR
#define configENABLE_HEAP_PROTECTOR 0
#endif
#include "dalloc_freertos_trace.h"
