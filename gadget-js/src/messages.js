/**
 * Texts by key: banana JSON (i18n/), filled in by the wiki's mw.message.
 */
/* global mw */
'use strict';

const PACKED = [ 'ar', 'de', 'en', 'es', 'fr' ];

/** Of the texts here: the first of the reader's languages that is packed. */
const language = mw.language.getFallbackLanguageChain()
	.filter( ( code ) => PACKED.includes( code ) )[ 0 ] || 'en';
const direction = language === 'ar' ? 'rtl' : 'ltr';

mw.messages.set( require( '../i18n/' + language + '.json' ) );

/** The lang of a card's texts, null where it is the dialog's own; wanted: the reader's. */
function foreign( card, wanted ) {
	const code = card.label_language || wanted;
	return code === language ? null : code;
}

/** A name such as "3 Idiots" would be torn apart within a text that runs from right to left. */
function isolated( value ) {
	return direction === 'rtl' && typeof value === 'string' ? '\u2068' + value + '\u2069' : value;
}

/**
 * @param {string[]} names
 * @return {string} One after the other, with the commas of the texts' language.
 */
function list( names ) {
	return names.map( isolated ).join( language === 'ar' ? '، ' : ', ' );
}

/**
 * @param {string} key Without "suggest-depicts-", which all of them begin with.
 * @param {...*} parameters For $1, $2 …
 * @return {string} Plain text, never to be used as HTML.
 */
function text( key, ...parameters ) {
	return mw.message( 'suggest-depicts-' + key, ...parameters.map( isolated ) ).text();
}

module.exports = { direction, foreign, language, list, text };
