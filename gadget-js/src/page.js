/**
 * What the page knows: the file, the reader, their language.
 */
/* global mw */
'use strict';

const SERVICE = 'https://suggest-depicts.toolforge.org';
/** What the service takes as a language; the wiki's own names for some dialects are others. */
const LANGUAGE = /^[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}$/;

/** The first of a chain of codes that the service takes. */
function language( chain ) {
	return chain.filter( ( code ) => LANGUAGE.test( code ) )[ 0 ] || 'en';
}

/**
 * @return {Object} mid, title; user: '' for somebody without a permanent account; language: that
 *  of labels; service: base address; picture: address of the page's own picture, '' for none.
 */
function read() {
	const image = document.querySelector( '#file img' );
	return {
		mid: mw.config.get( 'wbEntityId' ),
		title: mw.config.get( 'wgTitle' ),
		user: mw.user.isNamed() ? mw.user.getName() : '',
		language: language( mw.language.getFallbackLanguageChain() ),
		// set by a wiki that has a service of its own
		service: mw.config.get( 'wgSuggestDepictsService', SERVICE ),
		picture: image ? image.src : ''
	};
}

/** Address of what an edit changed. */
function diff( revision ) {
	return mw.util.wikiScript() + '?diff=' + revision;
}

/** Address of the login form, which leads back to this page. */
function login() {
	return mw.util.getUrl( 'Special:UserLogin', { returnto: mw.config.get( 'wgPageName' ) } );
}

module.exports = { diff, language, login, read };
