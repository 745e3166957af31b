/* SPDX-License-Identifier: Apache-2.0 */
/* Arduino.h - what the library and its example use of Arduino, with its signatures. */
#ifndef STAND_IN_ARDUINO_H
#define STAND_IN_ARDUINO_H

#include <stddef.h>
#include <stdint.h>

class Print {
public:
    virtual size_t write(const uint8_t *bytes, size_t count) = 0;
    virtual int availableForWrite() { return 0; }
};

class Stream : public Print {
public:
    virtual int available() = 0;
    virtual int read() = 0;
};

/* A port with room for 63 bytes; what was written is in `out`. */
class Port : public Stream {
public:
    uint8_t out[65536];
    size_t sent, buffered;
    bool waited;
    void begin(unsigned long) {}
    int availableForWrite() override { return static_cast<int>(63 - buffered); }
    size_t write(const uint8_t *bytes, size_t count) override {
        if (count > 63 - buffered) waited = true;
        buffered += count;
        for (size_t index = 0; index < count && sent < sizeof out; index++) out[sent++] = bytes[index];
        return count;
    }
    int available() override { return 0; }
    int read() override { return -1; }
};

extern Port Serial1;
enum { A0 = 14 };
int analogRead(int pin);
unsigned long millis();
unsigned long micros();
void delay(unsigned long milliseconds);
void setup();
void loop();

#endif
