# The published vectors are what the code makes. To renew them: build/dev/tests/seal/seal_vectors > docs/ref/seal-vectors.json
execute_process(COMMAND ${MAKER} OUTPUT_FILE ${SCRATCH} RESULT_VARIABLE made)
execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${SCRATCH} ${PUBLISHED} RESULT_VARIABLE differs)
if(made OR differs)
  message(FATAL_ERROR "${PUBLISHED} is not what ${MAKER} prints: the format has changed, or the file is old")
endif()
