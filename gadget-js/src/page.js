/**
 * What the page knows: the file, the reader, their language.
 */
/* global mw */
'use strict';

const SERVICE = 'https://suggest-depicts.toolforge.org';
const MORE = 'ext.gadget.suggest-depicts-more';
/** Preferences of a gadget's own begin so. */
const AGREED = 'userjs-suggest-depicts';
/** What the service takes as a language; the wiki's own names for some dialects are others. */
const LANGUAGE = /^[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}$/;

/** The first of a chain of codes that the service takes. */
function language( chain ) {
	return chain.filter( ( code ) => LANGUAGE.test( code ) )[ 0 ] || 'en';
}

/**
 * @return {Object} mid, title, namespace, skin; user: '' for somebody without a permanent account;
 *  language: that of labels; service: base address; picture: address of the page's own picture, ''
 *  for none; artwork: whether the page says that it reproduces one.
 */
function read() {
	const image = document.querySelector( '#file img' );
	return {
		mid: mw.config.get( 'wbEntityId' ),
		title: mw.config.get( 'wgTitle' ),
		namespace: mw.config.get( 'wgNamespaceNumber' ),
		skin: mw.config.get( 'skin' ),
		user: mw.user.isNamed() ? mw.user.getName() : '',
		language: language( mw.language.getFallbackLanguageChain() ),
		// set by a wiki that has a service of its own
		service: mw.config.get( 'wgSuggestDepictsService', SERVICE ),
		picture: image ? image.src : '',
		artwork: !!document.querySelector( '.fileinfotpl-type-artwork' )
	};
}

/** Whether this person agreed to ask the service: kept by account, else by browser. */
function agreed() {
	return ( mw.user.isNamed() ? mw.user.options.get( AGREED ) : mw.storage.get( AGREED ) ) === '1';
}

/** @return {Promise<Object>} What is needed after the first sight only: more.js. */
function more() {
	return Promise.resolve( mw.loader.using( MORE ) ).then( ( require ) => require( MORE ) );
}

/** Address of the login form, which leads back to this page. */
function login() {
	return mw.util.getUrl( 'Special:UserLogin', { returnto: mw.config.get( 'wgPageName' ) } );
}

module.exports = { AGREED, agreed, language, login, more, read };
