# Third-party libraries as archives, where the system has them and they link: a dozen shared libraries, each bound
# whole when the process starts, took half of a small run's time. Shared libraries are the way back.
include(CheckCSourceCompiles)
option(PINCH_ARCHIVES "Link SuiteSparse, SUNDIALS and LAPACK statically where they can be" ON)

# find_archives(NAME LIBRARY...): sets NAME to the paths of lib<LIBRARY>.a, the compiler's own among them, or to nothing.
function(find_archives name)
  set(archives)
  foreach(library ${ARGN})
    find_library(${library}_ARCHIVE lib${library}.a)
    if(NOT ${library}_ARCHIVE)
      execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=lib${library}.a
                      OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE)
      if(NOT IS_ABSOLUTE "${found}") # not known
        set(${name} "" PARENT_SCOPE)
        return()
      endif()
      set(${library}_ARCHIVE ${found} CACHE FILEPATH "Archive of the compiler" FORCE)
    endif()
    mark_as_advanced(${library}_ARCHIVE)
    list(APPEND archives ${${library}_ARCHIVE})
  endforeach()
  set(${name} ${archives} PARENT_SCOPE)
endfunction()

# link_archives(NAME SYMBOL [RUNTIME LIBRARY...] LIBRARIES LIBRARY...): sets NAME_LIBRARIES to archives, or to shared
# libraries. A program that refers to SYMBOL tells whether the archives are whole; RUNTIME: what they need besides
# and shared libraries bring along.
function(link_archives name symbol)
  cmake_parse_arguments(PARSE_ARGV 2 group "" "" "RUNTIME;LIBRARIES")
  set(shared)
  foreach(library ${group_LIBRARIES})
    find_library(${library}_LIBRARY ${library} REQUIRED)
    mark_as_advanced(${library}_LIBRARY)
    list(APPEND shared ${${library}_LIBRARY})
  endforeach()
  set(${name}_LIBRARIES ${shared} PARENT_SCOPE)
  if(NOT PINCH_ARCHIVES OR BUILD_SHARED_LIBS) # a shared libpinch would need position-independent archives
    return()
  endif()
  find_archives(archives ${group_LIBRARIES} ${group_RUNTIME})
  if(archives)
    set(CMAKE_REQUIRED_LIBRARIES ${archives} m)
    check_c_source_compiles("void ${symbol}(void); int main(void) { ${symbol}(); return 0; }" ${name}_ARCHIVES_WORK)
    if(${name}_ARCHIVES_WORK)
      set(${name}_LIBRARIES ${archives} PARENT_SCOPE)
    endif()
  endif()
endfunction()
