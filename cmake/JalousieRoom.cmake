# A room is one CMake library. What it may include is what it links: every room's public headers are reached through a
# folder of links of its own, which only those that link the room have on their include path.
#
#   jalousie_room(seal
#     PUBLIC   label.h block.h        # headers that other rooms may include, as "seal/label.h"
#     SOURCES  block.cpp sealer.cpp   # and private headers need no mention
#     USES     base                   # rooms whose headers our public headers include
#     USES_PRIVATE crypto             # rooms that only our sources include
#     LIBS     OpenSSL::Crypto        # outside libraries, always private
#     TESTS    block_test.cpp         # GoogleTest files beside the code, one binary seal_test
#     TEST_USES crypto                # further rooms that the tests alone include
#     ASYNC)                          # coroutines: use the precompiled header that has Task
#   FOLDER names the folder when it is not the room's name (seal_keys lives in seal/).

function(jalousie_room name)
  cmake_parse_arguments(ROOM "ASYNC" "FOLDER" "PUBLIC;SOURCES;USES;USES_PRIVATE;LIBS;TESTS;TEST_USES;TEST_LIBS" ${ARGN})
  if(NOT ROOM_FOLDER)
    set(ROOM_FOLDER ${name})
  endif()
  set(doors ${CMAKE_BINARY_DIR}/doors/${name})
  set(own ${CMAKE_BINARY_DIR}/own/${ROOM_FOLDER})
  file(MAKE_DIRECTORY ${own})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${own}/${ROOM_FOLDER} SYMBOLIC)
  foreach(header ${ROOM_PUBLIC})
    get_filename_component(sub ${header} DIRECTORY)
    file(MAKE_DIRECTORY ${doors}/${ROOM_FOLDER}/${sub})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${header} ${doors}/${ROOM_FOLDER}/${header} SYMBOLIC)
  endforeach()

  add_library(${name} STATIC ${ROOM_SOURCES})
  target_include_directories(${name} PUBLIC ${doors} PRIVATE ${own})
  target_link_libraries(${name} PUBLIC ${ROOM_USES} fmt::fmt PRIVATE ${ROOM_USES_PRIVATE} ${ROOM_LIBS} Threads::Threads)
  jalousie_pch(${name} ${ROOM_ASYNC})

  if(JALOUSIE_TESTS AND ROOM_TESTS)
    add_executable(${name}_test ${ROOM_TESTS})
    target_include_directories(${name}_test PRIVATE ${own})
    target_link_libraries(${name}_test PRIVATE ${name} ${ROOM_USES_PRIVATE} ${ROOM_TEST_USES} ${ROOM_TEST_LIBS}
                                               GTest::gtest_main Threads::Threads)
    target_compile_definitions(${name}_test PRIVATE JALOUSIE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    jalousie_pch(${name}_test ${ROOM_ASYNC})
    gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 60 PROPERTIES LABELS unit TIMEOUT 120)
  endif()
endfunction()

# Two precompiled headers, built once each: the standard library, and the same with coroutines.
function(jalousie_pch target async)
  if(async)
    target_precompile_headers(${target} REUSE_FROM pch_async)
  else()
    target_precompile_headers(${target} REUSE_FROM pch_plain)
  endif()
endfunction()

# Without JALOUSIE_FUZZ only compiled, so that who changes what a target stands on hears of it from the quick build.
function(jalousie_fuzz name)
  cmake_parse_arguments(F "" "" "SOURCES;USES" ${ARGN})
  if(JALOUSIE_FUZZ)
    add_executable(fuzz_${name} ${F_SOURCES})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    add_library(fuzz_${name} OBJECT ${F_SOURCES})
    jalousie_pch(fuzz_${name} OFF)
  endif()
  target_link_libraries(fuzz_${name} PRIVATE ${F_USES} fmt::fmt)
  add_dependencies(fuzzers fuzz_${name})
endfunction()
