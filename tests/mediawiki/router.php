<?php
// Short paths for PHP's built-in server: /wiki/<title> and / are index.php. All else is a file below
// the document root, where /w is MediaWiki and /images the uploads.
$path = parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH );
if ( $path !== '/' && !str_starts_with( (string)$path, '/wiki/' ) ) {
	return false;
}
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/w/index.php';
$_SERVER['SCRIPT_FILENAME'] = $_SERVER['DOCUMENT_ROOT'] . '/w/index.php';
unset( $_SERVER['PATH_INFO'] );
chdir( $_SERVER['DOCUMENT_ROOT'] . '/w' );
require $_SERVER['SCRIPT_FILENAME'];
