# CMake must refuse g++ 12, which miscompiles coroutines, with a sentence that says what to use.
execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${SCRATCH} -DCMAKE_CXX_COMPILER=${GXX} RESULT_VARIABLE status
                OUTPUT_QUIET ERROR_VARIABLE words)
file(REMOVE_RECURSE ${SCRATCH})
if(status EQUAL 0)
  message(FATAL_ERROR "g++ was accepted")
endif()
string(REGEX REPLACE "[ \n]+" " " words "${words}")
if(NOT words MATCHES "built with clang\\+\\+ 19")
  message(FATAL_ERROR "refused for another reason: ${words}")
endif()
