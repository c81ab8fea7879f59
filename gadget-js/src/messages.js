/**
 * Texts of the interface, by key. They are banana JSON (i18n/); the wiki's mw.message fills in
 * parameters and chooses plurals (on a real wiki: with the module mediawiki.jqueryMsg).
 */
/* global mw */
'use strict';

mw.messages.set( require( '../i18n/en.json' ) );

/**
 * @param {string} key
 * @param {...*} parameters For $1, $2 …
 * @return {string} Plain text, never to be used as HTML.
 */
function text( key ) {
	return mw.message.apply( mw, arguments ).text();
}

module.exports = { text };
