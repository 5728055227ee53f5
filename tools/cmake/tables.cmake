# The tables of models: a file NAME.c of a folder of models is an entry of its table, and nothing else has to name it.
# Included by CMakeLists.txt (add_table), and run by the build as a script, which writes the list of entries and says
# which file does not define what its name promises.

# add_table(FOLDER DEFINITION OUTPUT): OUTPUT (of the build folder's generated/) gets a line PN_ENTRY(NAME) for each
# FOLDER/NAME.c, which must define DEFINITION followed by NAME.
function(add_table folder definition output)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.c)
  list(SORT files)
  set(list ${GEN}/${output}.list)
  list(JOIN files "\n" text)
  file(CONFIGURE OUTPUT ${list} CONTENT "${text}\n" @ONLY)
  add_custom_command(OUTPUT ${GEN}/${output}
    COMMAND ${CMAKE_COMMAND} -D LIST=${list} "-DDEFINITION=${definition}" -D OUTPUT=${GEN}/${output}
            -P ${CMAKE_SOURCE_DIR}/tools/cmake/tables.cmake
    DEPENDS ${files} ${list} ${CMAKE_SOURCE_DIR}/tools/cmake/tables.cmake VERBATIM)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE)
  file(STRINGS ${LIST} files)
  set(text "")
  foreach(file ${files})
    get_filename_component(name ${file} NAME_WE)
    file(STRINGS ${file} found REGEX "^${DEFINITION}${name} = {")
    file(STRINGS ${file} named REGEX "\\.name = \"${name}\"")
    if(NOT name MATCHES "^[a-z][a-z0-9_]*$" OR NOT found OR NOT named)
      message(FATAL_ERROR "${file}: a model's file NAME.c (small letters, digits, _) defines `${DEFINITION}NAME = {` with "
                          "`.name = \"NAME\"`; here NAME is ${name}")
    endif()
    string(APPEND text "PN_ENTRY(${name})\n")
  endforeach()
  file(WRITE ${OUTPUT} "${text}")
endif()
