# What `cmake --install` puts where: the command, the library, its header, a pkg-config
# file, a CMake package and the man page.
include(CMakePackageConfigHelpers)

set_target_properties(pinch PROPERTIES EXPORT_NAME pinch)
install(TARGETS pinch EXPORT pinch-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET pinch-cli)
  install(TARGETS pinch-cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/pinch DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${CMAKE_SOURCE_DIR}/docs/pinch.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/pinch)
install(EXPORT pinch-targets NAMESPACE pinch:: DESTINATION ${package_dir})
configure_package_config_file(${CMAKE_SOURCE_DIR}/tools/cmake/pinch-config.cmake.in
  ${CMAKE_BINARY_DIR}/pinch-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/pinch-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/pinch-config.cmake ${CMAKE_BINARY_DIR}/pinch-config-version.cmake
        DESTINATION ${package_dir})

configure_file(${CMAKE_SOURCE_DIR}/tools/cmake/pinch.pc.in ${CMAKE_BINARY_DIR}/pinch.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/pinch.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
