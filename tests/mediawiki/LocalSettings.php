<?php
// The settings of the tests' wiki, as near to Commons as a loopback port allows. What differs from
// run to run is in the data folder, which the environment names: the databases, the files, and
// settings.json, read at each request so that a test can change what it needs.
if ( !defined( 'MEDIAWIKI' ) ) {
	exit;
}
$data = getenv( 'TEST_WIKI_DATA' );
$shared = getenv( 'TEST_WIKI_SHARED' );

$wgSitename = 'Test Commons';
$wgServer = 'http://127.0.0.1';
$wgScriptPath = '/w';
$wgArticlePath = '/wiki/$1';
$wgUsePathInfo = true;
$wgLanguageCode = 'en';
$wgLocaltimezone = 'UTC';
$wgPingback = false;
$wgEnableEmail = false;
$wgFavicon = '/w/resources/assets/change-your-logo-icon.svg';

$wgDBtype = 'sqlite';
$wgDBname = 'wiki';
$wgSQLiteDataDir = "$data/db";
// a power cut may cost a test its data
$aside = static fn ( string $name ): array => [
	'type' => 'sqlite',
	'dbname' => $name,
	'tablePrefix' => '',
	'variables' => [ 'synchronous' => 'OFF' ],
	'dbDirectory' => "$data/db",
	'trxMode' => 'IMMEDIATE',
	'flags' => 0,
];
$wgDBservers = [ [ 'load' => 1, 'flags' => DBO_DEFAULT, 'user' => '', 'password' => '', 'host' => '' ]
	+ array_diff_key( $aside( 'wiki' ), [ 'flags' => 0, 'trxMode' => 0 ] ) ];
$wgObjectCaches[CACHE_DB] =
	[ 'class' => SqlBagOStuff::class, 'loggroup' => 'SQLBagOStuff', 'server' => $aside( 'wikicache' ) ];
$wgJobTypeConf['default'] =
	[ 'class' => 'JobQueueDB', 'claimTTL' => 3600, 'server' => $aside( 'wiki_jobqueue' ) ];

// the server's processes share one memory; what a maintenance script changes they do not hear of
$wgMainCacheType = CACHE_ACCEL;
$wgResourceLoaderUseObjectCacheForDeps = true;
$wgLocalisationCacheConf['store'] = 'array';
$wgLocalisationCacheConf['storeDirectory'] = "$shared/messages";
$wgCacheDirectory = "$data/tmp";
$wgTmpDirectory = "$data/tmp";
// jobs run when a test says so, not inside somebody's request
$wgJobRunRate = 0;
// a gadget just deployed is there at the next page; all else is minified and cached as anywhere
$wgResourceLoaderMaxage['unversioned'] = 0;

$wgSecretKey = 'of no secret wiki: it holds nothing, and listens on loopback alone';
$wgAuthenticationTokenVersion = '1';
$wgReadOnlyFile = "$data/read-only";
$wgShowExceptionDetails = true;
$wgDebugLogGroups = [ 'exception' => "$data/errors.log", 'error' => "$data/errors.log" ];

$wgEnableUploads = true;
$wgUploadDirectory = "$data/images";
$wgUploadPath = '/images';
$wgFileExtensions = [ 'png', 'gif', 'jpg', 'jpeg', 'webp', 'svg', 'tif', 'tiff' ];
$wgUseImageMagick = false;
$wgSVGNativeRendering = true;

// as on Commons; tests that log in often are no attack
$wgRateLimits['edit'] = [ 'ip' => [ 8, 60 ], 'newbie' => [ 120, 300 ], 'user' => [ 900, 180 ] ];
$wgRateLimits['upload'] = [ 'newbie' => [ 380, 4320 ], 'user' => [ 380, 4320 ] ];
$wgPasswordAttemptThrottle = [];
$wgAutoConfirmAge = 4 * 86400;
$wgGroupPermissions['confirmed'] = $wgGroupPermissions['autoconfirmed'];
$wgAllowUserJs = true;
$wgAllowUserCss = true;

$wgDefaultSkin = 'vector-2022';
wfLoadSkins( [ 'Vector', 'MinervaNeue', 'MonoBook' ] );
// by ?vectornightmode=2 and ?minervanightmode=2 as the browser wishes, by =1 always
$wgVectorNightMode = [ 'logged_out' => true, 'logged_in' => true, 'beta' => true ];
wfLoadExtension( 'Gadgets' );

foreach ( json_decode( file_get_contents( "$data/settings.json" ) ?: '{}', true ) as $name => $value ) {
	$GLOBALS[$name] = $value;
}
