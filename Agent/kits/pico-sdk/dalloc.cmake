# SPDX-License-Identifier: Apache-2.0
# Dalloc for the Pico SDK. After pico_sdk_init():
#
#   include(path/to/dalloc-1.2.3/kits/pico-sdk/dalloc.cmake)
#   target_link_libraries(firmware PRIVATE dalloc_pico)
#   target_compile_definitions(firmware PRIVATE MAX_NUM_OF_ALLOCATIONS=100 DALLOC_RECORDER_BYTES=192) # their defaults
#
# dalloc_pico is an INTERFACE library: the archive for the chip, the mutex, and the agent's line over a UART (dalloc_pico.h).
# dalloc_pico_mutex is archive and mutex alone.
include_guard(GLOBAL)

if(NOT DALLOC_TARGET)
    if(PICO_PLATFORM STREQUAL "rp2040")
        set(DALLOC_TARGET cortex-m0plus)
    elseif(PICO_PLATFORM MATCHES "^rp2350(-arm-s)?$")
        set(DALLOC_TARGET cortex-m33)
    elseif(PICO_PLATFORM STREQUAL "rp2350-riscv")
        set(DALLOC_TARGET rv32imac)
    else()
        message(FATAL_ERROR
            "dalloc: PICO_PLATFORM is '${PICO_PLATFORM}', which there is no archive for: there are some for rp2040, rp2350-arm-s and "
            "rp2350-riscv. Include dalloc.cmake after pico_sdk_init().")
    endif()
endif()
include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/dalloc-config.cmake)

add_library(dalloc_pico_mutex INTERFACE)
target_sources(dalloc_pico_mutex INTERFACE ${CMAKE_CURRENT_LIST_DIR}/src/dalloc_mutex_pico.c)
target_link_libraries(dalloc_pico_mutex INTERFACE dalloc::agent pico_sync)

add_library(dalloc_pico INTERFACE)
target_sources(dalloc_pico INTERFACE ${CMAKE_CURRENT_LIST_DIR}/src/dalloc_pico.c)
target_include_directories(dalloc_pico INTERFACE ${CMAKE_CURRENT_LIST_DIR}/include)
target_link_libraries(dalloc_pico INTERFACE dalloc_pico_mutex pico_time pico_rand pico_unique_id hardware_uart hardware_irq)
