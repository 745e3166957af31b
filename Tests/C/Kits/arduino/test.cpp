/*
 * test.cpp - the example's sketch, on a port that stands in: it greets, and never makes the port wait.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <Arduino.h>
#include <string.h>

#include "../../Hooks/check.h"
#include SKETCH

Port Serial1;
static unsigned long now;
int analogRead(int) { return 5; }
unsigned long millis() { return now; }
unsigned long micros() { return now * 1000; }
void delay(unsigned long milliseconds) {
    now += milliseconds;
    Serial1.buffered = 0;
}

int main() {
    setup();
    for (int turn = 0; turn < 1000; turn++) loop();
    CHECK(memmem(Serial1.out, Serial1.sent, "heap-monitor", 12) != nullptr);
    CHECK(!Serial1.waited);
    puts("ok");
    return 0;
}
