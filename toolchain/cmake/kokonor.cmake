# SPDX-License-Identifier: Apache-2.0
# How a room of the house becomes a library, a program or a test. The arrows of the design are held here:
# a library sees the headers of the libraries that it names and of no others, and naming one of a higher
# layer is a configuration error.
include_guard()
find_package(PkgConfig REQUIRED)

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(KOKONOR_SANITIZE "Build with the address and undefined behaviour sanitizers" OFF)
option(KOKONOR_THREAD_SANITIZE "Build with the thread sanitizer" OFF)
option(KOKONOR_FUZZ "Build the libFuzzer targets (clang only)" OFF)

# Assertions stay in every build: a bug stops the program where it is, and its supervisor starts it anew.
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")
set(CMAKE_C_FLAGS_RELEASE "-O2")

add_compile_options(-Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
                    -fno-strict-aliasing)
add_compile_definitions(_GNU_SOURCE _FILE_OFFSET_BITS=64 _TIME_BITS=64)
if(KOKONOR_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(KOKONOR_THREAD_SANITIZE)
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
endif()
if(KOKONOR_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

define_property(TARGET PROPERTY KOKONOR_LAYER BRIEF_DOCS "platform 1, middleware 2, app 3")
set(KOKONOR_LAYER_platform 1)
set(KOKONOR_LAYER_middleware 2)
set(KOKONOR_LAYER_app 3)

# kokonor_package(NAME MODULE...): an imported target pkg_NAME for pkg-config modules.
function(kokonor_package name)
  if(NOT TARGET PkgConfig::${name})
    pkg_check_modules(${name} REQUIRED IMPORTED_TARGET GLOBAL ${ARGN})
  endif()
endfunction()

function(kokonor_check_arrows target layer)
  foreach(dependency IN LISTS ARGN)
    if(TARGET ${dependency})
      get_target_property(other ${dependency} KOKONOR_LAYER)
      if(other AND other GREATER KOKONOR_LAYER_${layer})
        message(FATAL_ERROR "${target} (${layer}) must not link ${dependency}: arrows point down, app -> middleware -> platform")
      endif()
    endif()
  endforeach()
endfunction()

# kokonor_library(NAME LAYER [LINKS target...] [PRIVATE_LINKS target...]): the folder's *.c as library NAME.
# Its headers are included as "NAME/header.h", by those only that link it.
function(kokonor_library name layer)
  cmake_parse_arguments(ARG "" "" "LINKS;PRIVATE_LINKS" ${ARGN})
  kokonor_check_arrows(${name} ${layer} ${ARG_LINKS} ${ARG_PRIVATE_LINKS})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  list(FILTER sources EXCLUDE REGEX "/main\\.c$")
  set(room ${CMAKE_BINARY_DIR}/rooms/${name})
  file(MAKE_DIRECTORY ${room})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${room}/${name} SYMBOLIC)
  if(sources)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${room})
    target_link_libraries(${name} PUBLIC ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
    target_compile_definitions(${name} PRIVATE LOG_MODULE="${name}")
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${room})
    target_link_libraries(${name} INTERFACE ${ARG_LINKS})
  endif()
  set_target_properties(${name} PROPERTIES KOKONOR_LAYER ${KOKONOR_LAYER_${layer}})
endfunction()

# kokonor_program(NAME [LINKS target...]): the folder's main.c as program kokonor-NAME (the rest of the folder is a library).
function(kokonor_program name)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/main.c)
    return()
  endif()
  add_executable(kokonor-${name} main.c)
  target_link_libraries(kokonor-${name} PRIVATE ${ARG_LINKS})
  target_compile_definitions(kokonor-${name} PRIVATE LOG_MODULE="${name}" KOKONOR_VERSION="${PROJECT_VERSION}")
endfunction()

# kokonor_test(NAME [LINKS target...] [SOURCES file...]): unit test NAME from NAME.c, run by CTest under label unit.
function(kokonor_test name)
  cmake_parse_arguments(ARG "" "LABEL" "LINKS;SOURCES;PACKAGES" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  kokonor_package(cmocka cmocka)
  add_executable(${name} ${name}.c ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} PkgConfig::cmocka)
  target_compile_definitions(${name} PRIVATE LOG_MODULE="${name}" SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                             CONFORMANCE_DIR="${KOKONOR_CONFORMANCE_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 120 SKIP_RETURN_CODE 77)
endfunction()

# kokonor_fuzz(NAME [LINKS target...]): fuzz target NAME from NAME.c, seeds in corpus/NAME. With KOKONOR_FUZZ a libFuzzer
# program; without, the same code run over its seeds and mutations of them made from a fixed number (replay.c).
function(kokonor_fuzz name)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  if(KOKONOR_FUZZ)
    add_executable(${name} ${name}.c)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set(run ${name} -runs=20000 -max_total_time=20 -timeout=10 ${CMAKE_CURRENT_BINARY_DIR}/found-${name} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
    file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/found-${name})
  else()
    add_executable(${name} ${name}.c ${CMAKE_CURRENT_SOURCE_DIR}/replay.c)
    set(run ${name} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
  endif()
  target_link_libraries(${name} PRIVATE ${ARG_LINKS})
  target_compile_definitions(${name} PRIVATE LOG_MODULE="${name}")
  add_test(NAME ${name} COMMAND ${run})
  set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT 180)
endfunction()
