# SPDX-License-Identifier: Apache-2.0
# Adds the agent, and the allocator with it, to a firmware project:
#
#   include(dalloc/Agent/cmake/DallocAgent.cmake)
#   dalloc_agent_add_library(dalloc-agent TARGET armv7em-none-none-eabi CONF dalloc_conf.h FLAGS -mcpu=cortex-m4)
#
#   target_link_libraries(firmware PRIVATE dalloc-agent)
#
# It drives scripts/build-library.sh, whenever a source of the agent, the configuration header, or a header that this one
# includes, has changed.

include_guard(GLOBAL)
cmake_minimum_required(VERSION 3.20) # DEPFILE

get_filename_component(DALLOC_ROOT ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
set(DALLOC_SWIFT_LEAST 6.3)

# dalloc_agent_add_library(NAME TARGET triple [CONF header] [FLAGS flag…] [SWIFT])
#
#   NAME    becomes a library with its include directories
#   TARGET  armv6m-none-none-eabi (Cortex-M0, M0+), armv7em-none-none-eabi (M4, M7), riscv32-none-none-eabi, or another target
#           of Embedded Swift
#   CONF    a header with the configuration: what dalloc_conf.h lists
#   FLAGS   for the processor, the same as for the firmware's own sources (-mcpu=cortex-m4 -mfloat-abi=hard), definitions
#           (-DMAX_NUM_OF_ALLOCATIONS=60), and folders of headers that CONF includes (-Ifreertos/include)
#   SWIFT   the library is for programs in Embedded Swift, too: see dalloc_agent_add_swift_sources
function(dalloc_agent_add_library name)
    cmake_parse_arguments(PARSE_ARGV 1 DALLOC SWIFT "TARGET;CONF" FLAGS)
    if(NOT DALLOC_TARGET OR DALLOC_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR
            "dalloc_agent_add_library(${name} TARGET triple [CONF header] [FLAGS flag…] [SWIFT]): "
            "the target is missing, or this is not understood: ${DALLOC_UNPARSED_ARGUMENTS}")
    endif()
    dalloc_agent_find_swift()

    set(output ${CMAKE_CURRENT_BINARY_DIR}/${name})
    set(flags ${DALLOC_FLAGS})
    set(depends ${DALLOC_ROOT}/scripts/build-library.sh ${DALLOC_ROOT}/scripts/toolchain.sh
        ${DALLOC_ROOT}/scripts/dalloc_library_conf.h.in)
    foreach(folder Sources/CDalloc Sources/Dalloc Sources/HeapWire Agent/DallocAgent)
        file(GLOB_RECURSE sources CONFIGURE_DEPENDS
            ${DALLOC_ROOT}/${folder}/*.swift ${DALLOC_ROOT}/${folder}/*.h ${DALLOC_ROOT}/${folder}/*.c)
        list(APPEND depends ${sources})
    endforeach()
    # Named, so that a file that includes one is compiled again in the same run.
    set(headers ${output}/include/dalloc_library_conf.h)
    file(GLOB installed ${DALLOC_ROOT}/Sources/CDalloc/include/*.h ${DALLOC_ROOT}/Agent/DallocAgent/include/*.h)
    foreach(header ${installed})
        get_filename_component(header ${header} NAME)
        list(APPEND headers ${output}/include/${header})
    endforeach()
    if(DALLOC_CONF)
        get_filename_component(conf ${DALLOC_CONF} ABSOLUTE)
        if(NOT EXISTS ${conf})
            message(FATAL_ERROR "dalloc_agent_add_library(${name}): there is no configuration header ${conf}")
        endif()
        list(APPEND flags "-DDALLOC_CUSTOM_CONF_FILE=\"${conf}\"")
        list(APPEND depends ${conf})
        list(APPEND headers ${output}/include/dalloc_library_custom_conf.h)
    endif()

    set(library ${output}/libDallocAgent.a)
    add_custom_command(
        OUTPUT ${library}
        BYPRODUCTS ${headers}
        COMMAND ${CMAKE_COMMAND} -E env ${DALLOC_SWIFT_ENVIRONMENT} $<$<BOOL:${DALLOC_SWIFT}>:MODULES=yes>
            ${DALLOC_ROOT}/scripts/build-library.sh DallocAgent ${DALLOC_TARGET} ${output} ${flags}
        DEPENDS ${depends}
        DEPFILE ${output}/libDallocAgent.d
        WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
        COMMENT "Building the agent for ${DALLOC_TARGET}"
        COMMAND_EXPAND_LISTS VERBATIM)
    add_custom_target(${name}-build DEPENDS ${library})

    file(MAKE_DIRECTORY ${output}/include)
    add_library(${name} STATIC IMPORTED GLOBAL)
    add_dependencies(${name} ${name}-build)
    set_target_properties(${name} PROPERTIES IMPORTED_LOCATION ${library})
    # Not as a folder of the system's: then no warning of our headers would be shown, and no change of them noticed.
    set_target_properties(${name} PROPERTIES
        INTERFACE_INCLUDE_DIRECTORIES ${output}/include IMPORTED_NO_SYSTEM ON
        DALLOC_TARGET ${DALLOC_TARGET} DALLOC_FOLDER ${output})
endfunction()

# dalloc_agent_add_swift_sources(FIRMWARE NAME HEADER header SOURCES source… [FLAGS flag…])
#
# Compiles sources in Embedded Swift into the target FIRMWARE, which is linked with the library NAME. They may import Dalloc,
# DallocAgent, CDalloc and CDallocAgent, and see HEADER without an import. FLAGS as above: -I and -D for HEADER.
function(dalloc_agent_add_swift_sources firmware name)
    cmake_parse_arguments(PARSE_ARGV 2 DALLOC "" HEADER "SOURCES;FLAGS")
    dalloc_agent_find_swift()
    get_target_property(target ${name} DALLOC_TARGET)
    get_target_property(folder ${name} DALLOC_FOLDER)
    list(TRANSFORM DALLOC_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ REGEX "^[^/]")
    get_filename_component(header ${DALLOC_HEADER} ABSOLUTE)
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${firmware}.swift.o)
    add_custom_command(
        OUTPUT ${object}
        COMMAND ${CMAKE_COMMAND} -E env ${DALLOC_SWIFT_ENVIRONMENT}
            ${DALLOC_ROOT}/scripts/compile-swift-program.sh ${target} ${folder} ${object} ${header} ${DALLOC_SOURCES}
            -- ${DALLOC_FLAGS}
        DEPENDS ${DALLOC_ROOT}/scripts/compile-swift-program.sh ${header} ${DALLOC_SOURCES} ${folder}/libDallocAgent.a
        COMMENT "Compiling ${firmware}, in Swift"
        COMMAND_EXPAND_LISTS VERBATIM)
    target_sources(${firmware} PRIVATE ${object})
    target_link_libraries(${firmware} PRIVATE ${name})
endfunction()

# Sets DALLOC_SWIFTC, and DALLOC_SWIFT_ENVIRONMENT for commands that run it, or stops.
macro(dalloc_agent_find_swift)
    find_program(DALLOC_SWIFTC swiftc)
    if(NOT DALLOC_SWIFTC)
        message(FATAL_ERROR
            "DallocAgent is compiled by swiftc, which is not on the PATH. Install Swift ${DALLOC_SWIFT_LEAST} or later "
            "(https://www.swift.org/install/linux/), or name it with -DDALLOC_SWIFTC=/path/to/swiftc.")
    endif()
    execute_process(COMMAND ${DALLOC_SWIFTC} --version OUTPUT_VARIABLE dalloc_version ERROR_VARIABLE dalloc_version_error)
    if(NOT dalloc_version MATCHES "Swift version ([0-9]+(\\.[0-9]+)*)")
        message(FATAL_ERROR "${DALLOC_SWIFTC} --version does not tell its version: ${dalloc_version}${dalloc_version_error}")
    endif()
    if(CMAKE_MATCH_1 VERSION_LESS DALLOC_SWIFT_LEAST)
        message(FATAL_ERROR
            "DallocAgent needs Swift ${DALLOC_SWIFT_LEAST} or later, and ${DALLOC_SWIFTC} is ${CMAKE_MATCH_1}. Install a later one "
            "(https://www.swift.org/install/linux/), or name it with -DDALLOC_SWIFTC=/path/to/swiftc.")
    endif()
    get_filename_component(dalloc_swift_folder ${DALLOC_SWIFTC} DIRECTORY)
    set(DALLOC_SWIFT_ENVIRONMENT "PATH=${dalloc_swift_folder}:$ENV{PATH}")
endmacro()
