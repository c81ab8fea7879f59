/**
 * What the page knows: the file, the reader, their language.
 */
/* global mw */
'use strict';

const SERVICE = 'https://suggest-depicts.toolforge.org';
const MORE = 'ext.gadget.suggest-depicts-more';
/** A gadget's own preferences begin so. */
const AGREED = 'userjs-suggest-depicts';
/** What the service takes as a language; the wiki's own names for some dialects are others. */
const LANGUAGE = /^[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}$/;

/** The first of a chain of codes that the service takes. */
function language( chain ) {
	return chain.filter( ( code ) => LANGUAGE.test( code ) )[ 0 ] || 'en';
}

/**
 * @return {Object} user: '' for somebody without a permanent account; language: that of labels;
 *  service, picture, login: addresses; artwork: whether the file says that it reproduces one.
 */
function read() {
	const config = ( key, other ) => mw.config.get( key, other );
	const image = document.querySelector( '#file img' );
	return {
		mid: config( 'wbEntityId' ),
		title: config( 'wgTitle' ),
		namespace: config( 'wgNamespaceNumber' ),
		skin: config( 'skin' ),
		user: mw.user.isNamed() ? mw.user.getName() : '',
		language: language( mw.language.getFallbackLanguageChain() ),
		// set by a wiki that has a service of its own
		service: config( 'wgSuggestDepictsService', SERVICE ),
		picture: image ? image.src : '',
		login: mw.util.getUrl( 'Special:UserLogin', { returnto: config( 'wgPageName' ) } ),
		artwork: !!document.querySelector( '.fileinfotpl-type-artwork' )
	};
}

/** Whether this person agreed to ask the service: kept by account, else by browser. */
function agreed() {
	return ( mw.user.isNamed() ? mw.user.options : mw.storage ).get( AGREED ) === '1';
}

/** The loader asks once for a module; where it got none, it is to ask again. */
function forget() {
	const found = ( mw.loader.moduleRegistry || {} )[ MORE ];
	// a script that came and failed is not taken a second time
	if ( found && !found.script ) {
		mw.loader.state( { [ MORE ]: 'registered' } );
	}
}

/** Promises what follows the first sight: more.js. */
function more() {
	const use = ( require ) => require( MORE );
	return Promise.resolve( mw.loader.using( MORE ) ).then( use, ( error ) => {
		forget();
		throw error;
	} );
}

module.exports = { AGREED, agreed, language, more, read };
