/**
 * Texts of the interface: banana JSON (i18n/), filled in by the wiki's mw.message.
 */
/* global mw */
'use strict';

mw.messages.set( require( '../i18n/en.json' ) );

/** Of the texts here. */
const language = 'en';

/** What the lang of a label's element says; null where that is the dialog's own. */
function foreign( code ) {
	return code === language ? null : code;
}

/**
 * @param {string} key Without "suggest-depicts-", which all of them begin with.
 * @param {...*} parameters For $1, $2 …
 * @return {string} Plain text, never to be used as HTML.
 */
function text( key, ...parameters ) {
	return mw.message( 'suggest-depicts-' + key, ...parameters ).text();
}

module.exports = { foreign, language, text };
