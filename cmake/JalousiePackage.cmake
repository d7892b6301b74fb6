# What is installed, and the Debian packages made of it (packaging/package).
include(GNUInstallDirs)
install(TARGETS jalousie RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT server)
install(TARGETS jalousie-decode RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/jalousie COMPONENT server)
install(FILES ${CMAKE_SOURCE_DIR}/packaging/debian/jalousie.service DESTINATION lib/systemd/system COMPONENT server)
install(FILES ${CMAKE_SOURCE_DIR}/packaging/debian/jalousie.toml DESTINATION /etc/jalousie COMPONENT server)
install(FILES README.md SECURITY.md packaging/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT server)
install(DIRECTORY packaging/grafana DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT server)
install(DIRECTORY docs/guide docs/ref DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs COMPONENT server)
install(TARGETS jalousie-camera RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT camera)
install(FILES packaging/debian/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/jalousie-camera COMPONENT camera)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME jalousie)
set(CPACK_PACKAGE_CONTACT "the authors of Jalousie <jalousie@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL server camera)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_SERVER_PACKAGE_NAME jalousie)
set(CPACK_DEBIAN_SERVER_PACKAGE_SECTION net)
set(CPACK_DEBIAN_SERVER_PACKAGE_DEPENDS "adduser, ca-certificates")
set(CPACK_DEBIAN_SERVER_DESCRIPTION "camera cloud of your own
 Takes RTSP cameras in and shows their pictures in the browser, to the people
 of the home that they were taken in and to nobody else: pictures are sealed
 under their home's keys, and opened only for a viewing that names it.")
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/packaging/debian/conffiles
    ${CMAKE_SOURCE_DIR}/packaging/debian/postinst ${CMAKE_SOURCE_DIR}/packaging/debian/prerm ${CMAKE_SOURCE_DIR}/packaging/debian/postrm)
set(CPACK_DEBIAN_CAMERA_PACKAGE_NAME jalousie-camera)
set(CPACK_DEBIAN_CAMERA_PACKAGE_SECTION net)
set(CPACK_DEBIAN_CAMERA_DESCRIPTION "test camera of Jalousie
 An RTSP server that behaves like a real camera, with a code in every picture
 that says which camera took it, and when.")
include(CPack)
