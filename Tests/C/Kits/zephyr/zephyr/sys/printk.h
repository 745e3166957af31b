/* SPDX-License-Identifier: Apache-2.0 */
/* printk.h - what the module uses of Zephyr's, with its signature. */
void printk(const char *format, ...);
