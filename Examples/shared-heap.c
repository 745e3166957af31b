/* SPDX-License-Identifier: Apache-2.0 */
/* Two threads that share a heap: a message is handed over by handing over its owner. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "dalloc.h"

static uint8_t memory[1024] __attribute__((aligned(8)));
static heap_t heap;
static char *outbox, *inbox;

static void *receive(void *context) {
    (void)context;
    for (bool done = false; !done;) {
        heap_lock(&heap); /* while it is held, nothing moves */
        if (inbox != NULL) {
            puts(inbox);
            dfree(&heap, (void **)&inbox, USING_PTR_ADDRESS);
            done = true;
        }
        heap_unlock(&heap);
    }
    return NULL;
}

int main(void) {
    pthread_t receiver;
    heap_init(&heap, memory, sizeof memory);
    pthread_create(&receiver, NULL, receive, NULL);
    dalloc(&heap, 32, (void **)&outbox);
    heap_lock(&heap);
    strcpy(outbox, "hello from another thread");
    replace_pointers(&heap, (void **)&outbox, (void **)&inbox);
    heap_unlock(&heap);
    pthread_join(receiver, NULL);
    print_dalloc_info(&heap);
    heap_deinit(&heap);
    return 0;
}
