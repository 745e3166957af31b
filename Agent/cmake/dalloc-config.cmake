# SPDX-License-Identifier: Apache-2.0
# The prebuilt libraries of a release, for find_package:
#
#   find_package(dalloc CONFIG REQUIRED PATHS path/to/dalloc-1.2.3/cmake NO_DEFAULT_PATH)
#   target_link_libraries(firmware PRIVATE dalloc::agent dalloc::port-freertos)
#   target_compile_definitions(firmware PRIVATE MAX_NUM_OF_ALLOCATIONS=200 DALLOC_RECORDER_BYTES=512)
#
#   dalloc::agent          allocator and agent
#   dalloc::dalloc         the allocator alone; not beside dalloc::agent, which has it
#   dalloc::port-none      the mutex of dalloc_mutex.h, where one task only uses heaps
#   dalloc::port-freertos, dalloc::port-zephyr, dalloc::port-posix
#                          the same with an RTOS. A program is linked with one of them; it is compiled with the flags of the
#                          target that links it, and finds FreeRTOS.h there
#   dalloc::memory         memcpy, memmove and memset, for firmware without a C library
#
# The two definitions are the program's own, and have defaults: all its files must have the same.
#
# DALLOC_TARGET, a folder of lib/, says which processor it is for. Without it, that is found in the compiler's flags (-mcpu, -march) and in
# CMAKE_SYSTEM_PROCESSOR. Afterwards DALLOC_TARGET_FOUND has it.

# However old the project's policies are.
cmake_policy(VERSION 3.20)
if(TARGET dalloc::dalloc)
    return()
endif()
get_filename_component(DALLOC_RELEASE "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
include(${CMAKE_CURRENT_LIST_DIR}/dalloc-target.cmake)

# Refuses in the way that find_package wants, or outside of it stops.
macro(dalloc_refuse reason)
    if(CMAKE_FIND_PACKAGE_NAME STREQUAL "dalloc")
        set(dalloc_FOUND FALSE)
        set(dalloc_NOT_FOUND_MESSAGE "${reason}")
        return()
    endif()
    message(FATAL_ERROR "dalloc: ${reason}")
endmacro()

dalloc_find_target(DALLOC_TARGET_FOUND dalloc_reason)
if(NOT DALLOC_TARGET_FOUND)
    dalloc_refuse("${dalloc_reason}")
endif()
get_property(dalloc_languages GLOBAL PROPERTY ENABLED_LANGUAGES)
if(NOT "C" IN_LIST dalloc_languages)
    dalloc_refuse("the ports are files in C: add C to the LANGUAGES of project().")
endif()

foreach(dalloc_each IN ITEMS "dalloc libdalloc.a" "agent libDallocAgent.a")
    separate_arguments(dalloc_each)
    list(GET dalloc_each 0 dalloc_name)
    list(GET dalloc_each 1 dalloc_file)
    add_library(dalloc::${dalloc_name} STATIC IMPORTED GLOBAL)
    # First include/, then what the archive was configured with. Not as folders of the system's, or no warning of our headers would
    # be shown.
    set_target_properties(dalloc::${dalloc_name} PROPERTIES
        IMPORTED_LOCATION ${DALLOC_RELEASE}/lib/${DALLOC_TARGET_FOUND}/${dalloc_file}
        INTERFACE_INCLUDE_DIRECTORIES "${DALLOC_RELEASE}/include;${DALLOC_RELEASE}/lib/${DALLOC_TARGET_FOUND}"
        IMPORTED_NO_SYSTEM ON)
endforeach()

foreach(dalloc_name IN ITEMS none freertos zephyr posix)
    add_library(dalloc::port-${dalloc_name} INTERFACE IMPORTED GLOBAL)
    set_target_properties(dalloc::port-${dalloc_name} PROPERTIES
        INTERFACE_SOURCES ${DALLOC_RELEASE}/ports/dalloc_mutex_${dalloc_name}.c
        INTERFACE_INCLUDE_DIRECTORIES "${DALLOC_RELEASE}/include;${DALLOC_RELEASE}/lib/${DALLOC_TARGET_FOUND}")
endforeach()
set_target_properties(dalloc::port-posix PROPERTIES
    INTERFACE_COMPILE_OPTIONS -pthread INTERFACE_LINK_OPTIONS -pthread)

# GCC would compile a loop of memcpy into a call of memcpy.
add_library(dalloc::memory INTERFACE IMPORTED GLOBAL)
set_target_properties(dalloc::memory PROPERTIES
    INTERFACE_SOURCES ${DALLOC_RELEASE}/ports/memory.c
    INTERFACE_COMPILE_OPTIONS "$<$<COMPILE_LANG_AND_ID:C,GNU>:-fno-tree-loop-distribute-patterns>")
